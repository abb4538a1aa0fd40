package trefoil.cli.command;

/** The class behind each command; only the one that is asked for is loaded. */
public final class Subcommands {
    private Subcommands() {}

    /** A command by its words; {@code null} for those that the launcher does. */
    public static Subcommand create(String words) {
        return switch (words) {
            case "launch" -> new LaunchCommand();
            case "create" -> new CreateCommand();
            case "list" -> ListCommand.ofServers();
            case "info" -> new InfoCommand();
            case "start" -> new StartCommand();
            case "stop" -> new StopCommand();
            case "restart" -> new RestartCommand();
            case "pause" -> new PauseCommand();
            case "resume" -> new ResumeCommand();
            case "delete" -> new DeleteCommand();
            case "rename" -> new RenameCommand();
            case "set" -> new SetCommand();
            case "top" -> new TopCommand();
            case "explain" -> new ExplainCommand();
            case "exec" -> new ExecCommand();
            case "console" -> new ConsoleCommand();
            case "logs" -> new LogsCommand();
            case "file push" -> new FilePush();
            case "file pull" -> new FilePull();
            case "file delete" -> new FileDelete();
            case "image list" -> ListCommand.ofImages();
            case "image show" -> ShowCommand.ofImage();
            case "image build" -> new ImageBuildCommand();
            case "image import" -> new ImageImport();
            case "image export" -> new ImageExport();
            case "image delete" -> RemoveCommand.ofImages();
            case "network list" -> ListCommand.ofNetworks();
            case "network show" -> ShowCommand.ofNetwork();
            case "network create" -> new NetworkCreate();
            case "network delete" -> RemoveCommand.ofNetworks();
            case "doctor" -> new DoctorCommand();
            case "events" -> new EventsCommand();
            case "query" -> new QueryCommand();
            case "daemon status" -> new DaemonStatus();
            case "daemon start" -> new DaemonStart();
            case "daemon stop" -> new DaemonStop();
            case "version" -> new VersionCommand();
            case "completion" -> new CompletionCommand();
            default -> null;
        };
    }
}
