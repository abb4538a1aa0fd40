package trefoil.linux.program;

import java.util.HexFormat;

/**
 * The machine code that walks a table of operations. It is position-independent, keeps its whole state in the register
 * {@code rbx} (the current operation), touches no memory but the table, and uses no stack; System V ABI, AMD64
 * supplement, section A.2.1 gives the registers of a system call.
 *
 * <p>One operation, all fields 64 bits wide:
 *
 * <pre>
 *  0 nr        the system call, or a pseudo-operation when bit 31 is set
 *  8 a0 … a5   arguments
 * 56 dst       address that the result is stored to as well
 * 64 next      operation that follows a positive result
 * 72 onError   operation that follows a negative result
 * 80 onZero    operation that follows the result zero
 * 88 result
 * </pre>
 *
 * <p>After {@code fork} both processes go on from the same operation and branch by the result in their own register.
 * When they share the table's memory ({@code MAP_SHARED}) they race to store that result: ask the kernel to store the
 * child's id itself (CLONE_PARENT_SETTID) instead of reading it from the table.
 */
public final class Interpreter {
    /** Bytes of one operation. */
    public static final int OPERATION = 96;

    static final int ARGUMENTS = 8;
    static final int DESTINATION = 56;
    static final int NEXT = 64;
    static final int ON_ERROR = 72;
    static final int ON_ZERO = 80;
    static final int RESULT = 88;

    private static final String CODE =
            "488b03" //       00  loop:   mov    rax, [rbx]
            + "488b7b08" //   03          mov    rdi, [rbx+8]
            + "488b7310" //   07          mov    rsi, [rbx+16]
            + "488b5318" //   0b          mov    rdx, [rbx+24]
            + "4c8b5320" //   0f          mov    r10, [rbx+32]
            + "4c8b4328" //   13          mov    r8, [rbx+40]
            + "4c8b4b30" //   17          mov    r9, [rbx+48]
            + "85c0" //       1b          test   eax, eax
            + "7826" //       1d          js     pseudo
            + "0f05" //       1f          syscall
            + "48894358" //   21  done:   mov    [rbx+88], rax
            + "488b4b38" //   25          mov    rcx, [rbx+56]
            + "488901" //     29          mov    [rcx], rax
            + "4885c0" //     2c          test   rax, rax
            + "7808" //       2f          js     error
            + "740c" //       31          jz     zero
            + "488b5b40" //   33          mov    rbx, [rbx+64]
            + "ebc7" //       37          jmp    loop
            + "488b5b48" //   39  error:  mov    rbx, [rbx+72]
            + "ebc1" //       3d          jmp    loop
            + "488b5b50" //   3f  zero:   mov    rbx, [rbx+80]
            + "ebbb" //       43          jmp    loop
            + "ffc0" //       45  pseudo: inc    eax
            + "7412" //       47          jz     add               ; −1
            + "ffc0" //       49          inc    eax
            + "7414" //       4b          jz     sub               ; −2
            + "ffc0" //       4d          inc    eax
            + "7418" //       4f          jz     load              ; −3
            + "ffc0" //       51          inc    eax
            + "7419" //       53          jz     load32            ; −4
            + "ffc0" //       55          inc    eax
            + "741a" //       57          jz     store             ; −5
            + "0f0b" //       59          ud2
            + "488d0437" //   5b  add:    lea    rax, [rdi+rsi]
            + "ebc0" //       5f          jmp    done
            + "4889f8" //     61  sub:    mov    rax, rdi
            + "4829f0" //     64          sub    rax, rsi
            + "ebb8" //       67          jmp    done
            + "488b07" //     69  load:   mov    rax, [rdi]
            + "ebb3" //       6c          jmp    done
            + "486307" //     6e  load32: movsxd rax, dword [rdi]
            + "ebae" //       71          jmp    done
            + "488937" //     73  store:  mov    [rdi], rsi
            + "4889f0" //     76          mov    rax, rsi
            + "eba6"; //      79          jmp    done

    private Interpreter() {}

    /** The code; entered with {@code rbx} at the first operation, it never returns. */
    public static byte[] code() {
        return HexFormat.of().parseHex(CODE);
    }

    /** Code that sets {@code rbx} to the first operation and falls into {@link #code}: {@code mov ebx, imm32}. */
    static byte[] entry(long firstOperation) {
        byte[] code = code();
        byte[] all = new byte[5 + code.length];
        all[0] = (byte) 0xBB;
        for (int i = 0; i < 4; i++) {
            all[1 + i] = (byte) (Math.toIntExact(firstOperation) >>> 8 * i);
        }
        System.arraycopy(code, 0, all, 5, code.length);
        return all;
    }
}
