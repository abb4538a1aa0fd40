/**
 * Bits of the registers that control the processor: CR0, CR3, CR4, XCR0, EFER, RFLAGS, DR6, DR7, MXCSR and the x87 control and status words (Intel SDM Vol. 3, 2.3, 2.5 and 19.2;
 * Vol. 1, 3.4.3, 8.1 and 10.2.3). Constants, and what follows from them alone: reserved bits and combinations that #GP.
 */
package trefoil.x86.register;
