package trefoil.x86.decode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Measures how many instructions a second are decoded: {@code java ... trefoil.x86.decode.DecodeThroughput FILE OFFSET LENGTH}. */
final class DecodeThroughput {
    private DecodeThroughput() {}

    public static void main(String[] arguments) throws IOException {
        byte[] octets = Files.readAllBytes(Path.of(arguments[0]));
        int from = Integer.decode(arguments[1]);
        int to = from + Integer.decode(arguments[2]);
        Decoder decoder = new Decoder();
        Instruction instruction = new Instruction();
        for (int round = 0; round < 12; round++) {
            long count = 0;
            long begin = System.nanoTime();
            for (int repeat = 0; repeat < 10; repeat++) {
                count += sweep(decoder, instruction, octets, from, to);
            }
            System.err.printf("%.1f M instructions/s%n", count * 1e3 / (System.nanoTime() - begin));
        }
    }

    private static long sweep(Decoder decoder, Instruction instruction, byte[] octets, int from, int to) {
        long count = 0;
        int at = from;
        while (at < to) {
            at += decoder.decode(CodeSize.BITS64, octets, at, octets.length, instruction) == Outcome.DECODED ? instruction.length() : 1;
            count++;
        }
        return count;
    }
}
