package trefoil.cli;

/**
 * Words that people know from other tools of the field, and the command here that does it. They are told, not taken: several of
 * them mean another thing elsewhere, such as {@code destroy}.
 */
final class OtherWords {
    private OtherWords() {}

    /** What to type for {@code word}, or {@code null}. */
    static String ours(String word) {
        return switch (word) {
            case "ps" -> "trefoil list";
            case "run", "init", "new", "virt-install" -> "trefoil launch IMAGE NAME";
            case "images" -> "trefoil image list";
            case "networks", "net-list" -> "trefoil network list";
            case "shell", "enter", "login", "ssh" -> "trefoil exec NAME -- bash, or: trefoil console NAME";
            case "attach" -> "trefoil console NAME";
            case "inspect", "show", "dominfo" -> "trefoil info NAME";
            case "stats", "domstats" -> "trefoil top";
            case "kill", "poweroff" -> "trefoil stop --force NAME";
            case "destroy" -> "trefoil stop --force NAME, or to delete it: trefoil delete --force NAME";
            case "reboot" -> "trefoil restart NAME";
            case "shutdown" -> "trefoil stop NAME";
            case "freeze", "suspend" -> "trefoil pause NAME";
            case "unfreeze", "unpause" -> "trefoil resume NAME";
            case "remove", "undefine" -> "trefoil delete NAME";
            case "mv", "move" -> "trefoil rename NAME NEW";
            case "config", "update", "edit" -> "trefoil set NAME KEY=VALUE";
            case "cp", "push" -> "trefoil file push FILE NAME:/PATH";
            case "pull" -> "trefoil image build IMAGE for an image; for a file: trefoil file pull NAME:/PATH FILE";
            case "build" -> "trefoil image build IMAGE";
            case "load", "import" -> "trefoil image import FILE --alias NAME";
            case "export", "save" -> "trefoil image export IMAGE FILE";
            default -> null;
        };
    }
}
