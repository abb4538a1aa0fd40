/** Facts of the x86 architecture, without any state: instruction table, decoder, and what registers and tables in memory mean. Requires no other Trefoil module. */
module trefoil.x86 {
    exports trefoil.x86.isa;
    exports trefoil.x86.decode;
    exports trefoil.x86.disassemble;
    exports trefoil.x86.encode;
    exports trefoil.x86.cpuid;
    exports trefoil.x86.msr;
    exports trefoil.x86.register;
    exports trefoil.x86.paging;
    exports trefoil.x86.segment;
    exports trefoil.x86.exception;
    exports trefoil.x86.state;
}
