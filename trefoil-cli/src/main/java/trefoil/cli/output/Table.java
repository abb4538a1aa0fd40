package trefoil.cli.output;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Rows of cells under column names.
 *
 * @param columns names, printed in upper case
 * @param rows cells; a cell may have several lines, and what would control the terminal is shown as {@code ?}
 */
public record Table(List<String> columns, List<List<String>> rows) {
    /** With a frame around every cell. */
    public void printBoxed(PrintStream out) {
        List<List<String>> all = withHead();
        int[] widths = widths(all);
        StringBuilder rule = new StringBuilder("+");
        for (int width : widths) {
            rule.repeat('-', width + 2).append('+');
        }
        rule.append('\n');
        StringBuilder text = new StringBuilder(rule);
        for (List<String> row : all) {
            appendBoxed(text, row, widths);
            text.append(rule);
        }
        Utf8.print(out, text);
    }

    /** In columns separated by two blanks. */
    public void printCompact(PrintStream out) {
        List<List<String>> all = withHead();
        int[] widths = widths(all);
        StringBuilder text = new StringBuilder();
        for (List<String> row : all) {
            for (int line = 0; line < height(row); line++) {
                for (int column = 0; column < widths.length; column++) {
                    text.append(column == 0 ? "" : "  ");
                    appendPadded(text, line(row.get(column), line), widths[column]);
                }
                dropTrailingBlanks(text);
                text.append('\n');
            }
        }
        Utf8.print(out, text);
    }

    private void appendBoxed(StringBuilder text, List<String> row, int[] widths) {
        for (int line = 0; line < height(row); line++) {
            text.append('|');
            for (int column = 0; column < widths.length; column++) {
                text.append(' ');
                appendPadded(text, line(row.get(column), line), widths[column]);
                text.append(" |");
            }
            text.append('\n');
        }
    }

    private List<List<String>> withHead() {
        List<List<String>> all = new ArrayList<>(rows.size() + 1);
        List<String> head = new ArrayList<>(columns.size());
        for (String column : columns) {
            head.add(column.replace('-', ' ').toUpperCase(Locale.ROOT));
        }
        all.add(head);
        for (List<String> row : rows) {
            List<String> safe = new ArrayList<>(row.size());
            for (String cell : row) {
                safe.add(Safe.lines(cell));
            }
            all.add(safe);
        }
        return all;
    }

    private static int[] widths(List<List<String>> all) {
        int[] widths = new int[all.getFirst().size()];
        for (List<String> row : all) {
            for (int column = 0; column < widths.length; column++) {
                String cell = row.get(column);
                for (int line = 0; line < lines(cell); line++) {
                    widths[column] = Math.max(widths[column], width(line(cell, line)));
                }
            }
        }
        return widths;
    }

    private static int height(List<String> row) {
        int height = 1;
        for (String cell : row) {
            height = Math.max(height, lines(cell));
        }
        return height;
    }

    private static int lines(String cell) {
        int lines = 1;
        for (int i = cell.indexOf('\n'); i >= 0; i = cell.indexOf('\n', i + 1)) {
            lines++;
        }
        return lines;
    }

    private static String line(String cell, int number) {
        int start = 0;
        for (int i = 0; i < number; i++) {
            int end = cell.indexOf('\n', start);
            if (end < 0) {
                return "";
            }
            start = end + 1;
        }
        int end = cell.indexOf('\n', start);
        return end < 0 ? cell.substring(start) : cell.substring(start, end);
    }

    private static void appendPadded(StringBuilder text, String cell, int width) {
        text.append(cell).repeat(' ', width - width(cell));
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }

    private static void dropTrailingBlanks(StringBuilder text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        text.setLength(end);
    }
}
