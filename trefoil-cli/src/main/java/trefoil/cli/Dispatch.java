package trefoil.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.cli.catalogue.Catalogue;
import trefoil.cli.catalogue.Overview;
import trefoil.cli.command.Subcommand;
import trefoil.cli.command.Subcommands;
import trefoil.cli.session.Session;
import trefoil.cli.value.Nearest;
import trefoil.cli.value.UsageException;

/** Finds the command that the words name and has it run. */
final class Dispatch {
    private Dispatch() {}

    static int run(Session session, String word, String[] args) throws IOException {
        switch (word) {
            case "-h", "--help" -> {
                Overview.print(session.out());
                return 0;
            }
            case "help" -> {
                return help(session, args);
            }
            case "-V", "--version" -> {
                return command(session, "version", args);
            }
            case "__train" -> {
                return Training.run(session);
            }
            default -> {
                return command(session, word, args);
            }
        }
    }

    private static int help(Session session, String[] args) throws IOException {
        if (args.length == 0) {
            Overview.print(session.out());
            return 0;
        }
        List<String> words = new ArrayList<>(Arrays.asList(args));
        words.add("--help");
        return Main.run(session, words.toArray(String[]::new));
    }

    private static int command(Session session, String word, String[] args) throws IOException {
        List<Catalogue.Entry> group = Catalogue.group(word);
        if (!group.isEmpty()) {
            return grouped(session, word, group, args);
        }
        Catalogue.Entry entry = Catalogue.find(word, null);
        if (entry == null) {
            String ours = OtherWords.ours(word);
            throw ours == null ? unknown("command", word, Catalogue.firstWords(), "trefoil help") : new UsageException("there is no command \"" + word + "\"", ours);
        }
        return execute(session, entry, args);
    }

    private static int grouped(Session session, String word, List<Catalogue.Entry> group, String[] args) throws IOException {
        if (args.length == 0) {
            Overview.printGroup(session.err(), word, group);
            return Main.USAGE;
        }
        if (args[0].equals("-h") || args[0].equals("--help")) {
            Overview.printGroup(session.out(), word, group);
            return 0;
        }
        Catalogue.Entry entry = Catalogue.find(word, args[0]);
        if (entry == null) {
            List<String> words = new ArrayList<>();
            group.forEach(one -> words.add(one.second()));
            throw unknown(word + " command", args[0], words, "trefoil " + word + " --help");
        }
        return execute(session, entry, Arrays.copyOfRange(args, 1, args.length));
    }

    private static int execute(Session session, Catalogue.Entry entry, String[] args) throws IOException {
        Subcommand command = Subcommands.create(entry.words());
        if (command == null) {
            throw new ApiException(
                    ErrorCode.NOT_IMPLEMENTED, "trefoil " + entry.words() + " is run by the trefoil launcher", "run it through the launcher");
        }
        return command.run(session, "trefoil " + entry.words(), args);
    }

    private static UsageException unknown(String what, String word, List<String> words, String next) {
        String near = Nearest.to(word, words);
        return new UsageException(
                "there is no " + what + " \"" + word + "\"" + (near == null ? "" : "; did you mean " + near + "?"), next);
    }
}
