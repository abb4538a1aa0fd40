/** The only module that calls native code: Linux system calls through the Foreign Function and Memory API (JEP 454). */
module trefoil.linux {
    exports trefoil.linux.capability;
    exports trefoil.linux.cgroup;
    exports trefoil.linux.event;
    exports trefoil.linux.fanotify;
    exports trefoil.linux.file;
    exports trefoil.linux.loop;
    exports trefoil.linux.host;
    exports trefoil.linux.memory;
    exports trefoil.linux.mount;
    exports trefoil.linux.process;
    exports trefoil.linux.program;
    exports trefoil.linux.seccomp;
    exports trefoil.linux.socket;
    exports trefoil.linux.tap;
    exports trefoil.linux.tty;
    exports trefoil.linux;
    exports trefoil.linux.namespace;
    exports trefoil.linux.netlink;
    exports trefoil.linux.unpack to
            trefoil.image;
    exports trefoil.linux.zstd;
}
