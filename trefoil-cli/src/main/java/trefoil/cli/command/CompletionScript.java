package trefoil.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import trefoil.cli.catalogue.Catalogue;
import trefoil.cli.syntax.Option;

/** Fills the completion scripts, which lie beside this class, from the catalogue and from the options that the commands declare. */
final class CompletionScript {
    /** Options of each command, by its words; a command's alias has an entry of its own. */
    private final Map<String, String> options = new LinkedHashMap<>();

    /** What a command's parameters are: servers, images, networks, files, or words to choose from. */
    private final Map<String, String> parameters = new LinkedHashMap<>();

    private final Map<String, Set<String>> groups = new LinkedHashMap<>();

    CompletionScript() {
        for (Catalogue.Entry entry : Catalogue.ALL) {
            for (String words : spellings(entry)) {
                options.put(words, options(entry));
                parameters.put(words, parameters(entry));
            }
            if (entry.second() != null) {
                groups.computeIfAbsent(entry.first(), first -> new LinkedHashSet<>()).add(entry.second());
            }
        }
    }

    private static List<String> spellings(Catalogue.Entry entry) {
        if (entry.alias() == null) {
            return List.of(entry.words());
        }
        return List.of(entry.words(), entry.second() == null ? entry.alias() : entry.first() + " " + entry.alias());
    }

    private static String options(Catalogue.Entry entry) {
        Subcommand command = Subcommands.create(entry.words());
        List<String> names = new ArrayList<>();
        if (command != null) {
            for (Option option : command.options()) {
                names.add(option.name());
            }
        }
        return String.join(" ", names);
    }

    private static String parameters(Catalogue.Entry entry) {
        return switch (entry.words()) {
            case "launch", "create", "explain", "image show", "image delete", "image export" -> "images";
            case "network show", "network delete" -> "networks";
            case "file push", "file pull", "file delete" -> "files";
            case "image build" -> "debian:12 debian:13 busybox";
            case "completion" -> "bash zsh fish";
            case "help" -> String.join(" ", Catalogue.firstWords());
            case "start", "stop", "restart", "pause", "resume", "delete", "rename", "set", "exec", "console", "logs", "info", "list" -> "servers";
            default -> "";
        };
    }

    String bash() {
        return posix("completion.bash", "words");
    }

    String zsh() {
        return posix("completion.zsh", "list");
    }

    private String posix(String template, String variable) {
        StringBuilder cases = new StringBuilder();
        groups.forEach((group, words) -> cases.append("        ").append(group).append(") if [ -n \"$second\" ]; then command=\"$first $second\"; else ")
                .append(variable).append("='").append(String.join(" ", words)).append("'; fi ;;\n"));
        return filled(template, posixCases(options), posixCases(parameters), cases.toString());
    }

    private static String posixCases(Map<String, String> table) {
        StringBuilder cases = new StringBuilder();
        table.forEach((words, value) -> {
            if (!value.isEmpty()) {
                cases.append("        '").append(words).append("') echo '").append(value).append("' ;;\n");
            }
        });
        return cases.toString();
    }

    String fish() {
        StringBuilder cases = new StringBuilder();
        groups.forEach((group, words) -> cases.append("        case ").append(group)
                .append("\n            if test (count $bare) -lt 2\n                string split ' ' -- '").append(String.join(" ", words))
                .append("'\n                return\n            end\n            set command \"$bare[1] $bare[2]\"\n"));
        return filled("completion.fish", fishCases(options), fishCases(parameters), cases.toString());
    }

    private static String fishCases(Map<String, String> table) {
        StringBuilder cases = new StringBuilder();
        table.forEach((words, value) -> {
            if (!value.isEmpty()) {
                cases.append("        case '").append(words).append("'\n            echo '").append(value).append("'\n");
            }
        });
        return cases.toString();
    }

    private String filled(String template, String optionCases, String parameterCases, String groupCases) {
        try (InputStream in = CompletionScript.class.getResourceAsStream(template)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("#OPTIONS#\n", optionCases)
                    .replace("#PARAMETERS#\n", parameterCases)
                    .replace("#GROUPS#\n", groupCases)
                    .replace("#FIRST#", String.join(" ", Catalogue.firstWords()));
        } catch (IOException e) {
            throw new UncheckedIOException(template + " of the command cannot be read", e);
        }
    }
}
