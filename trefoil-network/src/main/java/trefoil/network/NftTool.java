package trefoil.network;

import java.nio.file.Path;
import java.util.Locale;

/** {@code nft(8)} of the Debian package nftables, in the calling thread's network namespace. */
final class NftTool {
    private NftTool() {}

    /** Loads rules as one transaction. */
    static void load(String rules) throws NetworkException {
        Path nft = Command.need("nft", "nftables");
        Command done = Command.run(rules, nft.toString(), "-f", "-");
        if (done.status() != 0) {
            throw new NetworkException("nftables refused Trefoil's rules: " + first(done.output()), remedy(done.output()), null);
        }
    }

    /** The text of one chain with numbers, not names; empty where it cannot be read. */
    static String chain(String family, String table, String chain) throws NetworkException {
        Path nft = Command.need("nft", "nftables");
        Command done = Command.run("", nft.toString(), "-nn", "list", "chain", family, table, chain);
        return done.status() == 0 ? done.output() : "";
    }

    private static String first(String output) {
        return output.lines().limit(3).reduce((a, b) -> a + "; " + b.strip()).orElse("no words");
    }

    private static String remedy(String output) {
        String text = output.toLowerCase(Locale.ROOT);
        if (text.contains("operation not permitted")) {
            return "run the daemon as root";
        }
        if (text.contains("no such file") || text.contains("not supported")) {
            return "the kernel lacks a part of nf_tables: load modules nf_tables, nft_masq, nft_nat, nft_fib_inet, nft_ct";
        }
        return "trefoil doctor";
    }
}
