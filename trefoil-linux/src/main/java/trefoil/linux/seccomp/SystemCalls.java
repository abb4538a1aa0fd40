package trefoil.linux.seccomp;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The numbers and names of the system calls of one machine interface, as of Linux 6.18: a table, after the kernel's
 * {@code asm/unistd_64.h} and {@code asm/unistd_32.h}.
 */
public enum SystemCalls {
    /** x86-64: {@code AUDIT_ARCH_X86_64} of linux/audit.h. */
    X86_64(0xC000003E, Tables.X86_64),
    /** i386, which 32-bit programs use: {@code AUDIT_ARCH_I386}. */
    I386(0x40000003, Tables.I386);

    private final int auditArchitecture;
    private final SortedMap<Integer, String> names;

    SystemCalls(int auditArchitecture, String table) {
        this.auditArchitecture = auditArchitecture;
        this.names = Collections.unmodifiableSortedMap(parse(table));
    }

    private static SortedMap<Integer, String> parse(String table) {
        SortedMap<Integer, String> names = new TreeMap<>();
        table.lines().forEach(line -> {
            String[] words = line.strip().split(" ");
            int first = Integer.parseInt(words[0]);
            for (int i = 1; i < words.length; i++) {
                names.put(first + i - 1, words[i]);
            }
        });
        return names;
    }

    /** What seccomp(2) calls this interface in {@code struct seccomp_data.arch}. */
    public int auditArchitecture() {
        return auditArchitecture;
    }

    /** Names by number, ascending; numbers never given away are missing. */
    public SortedMap<Integer, String> names() {
        return names;
    }

    /** The number of a call, −1 when this interface has none of that name. */
    public int number(String name) {
        return names.entrySet().stream()
                .filter(e -> e.getValue().equals(name))
                .mapToInt(e -> e.getKey())
                .findFirst()
                .orElse(-1);
    }

    /** Each line: the number of the first call, then the names from there on. */
    private static final class Tables {
        static final String X86_64 =
                """
            0 read write open close stat fstat lstat poll lseek mmap
            10 mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn ioctl pread64 pwrite64 readv
            20 writev access pipe select sched_yield mremap msync mincore madvise shmget
            30 shmat shmctl dup dup2 pause nanosleep getitimer alarm setitimer getpid
            40 sendfile socket connect accept sendto recvfrom sendmsg recvmsg shutdown bind
            50 listen getsockname getpeername socketpair setsockopt getsockopt clone fork vfork execve
            60 exit wait4 kill uname semget semop semctl shmdt msgget msgsnd
            70 msgrcv msgctl fcntl flock fsync fdatasync truncate ftruncate getdents getcwd
            80 chdir fchdir rename mkdir rmdir creat link unlink symlink readlink
            90 chmod fchmod chown fchown lchown umask gettimeofday getrlimit getrusage sysinfo
            100 times ptrace getuid syslog getgid setuid setgid geteuid getegid setpgid
            110 getppid getpgrp setsid setreuid setregid getgroups setgroups setresuid getresuid setresgid
            120 getresgid getpgid setfsuid setfsgid getsid
            125 capget capset rt_sigpending rt_sigtimedwait rt_sigqueueinfo
            130 rt_sigsuspend sigaltstack utime mknod uselib personality ustat statfs fstatfs sysfs
            140 getpriority setpriority sched_setparam sched_getparam sched_setscheduler
            145 sched_getscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval mlock
            150 munlock mlockall munlockall vhangup modify_ldt pivot_root _sysctl prctl arch_prctl adjtimex
            160 setrlimit chroot sync acct settimeofday mount umount2 swapon swapoff reboot
            170 sethostname setdomainname iopl ioperm create_module
            175 init_module delete_module get_kernel_syms query_module quotactl
            180 nfsservctl getpmsg putpmsg afs_syscall tuxcall security gettid readahead setxattr lsetxattr
            190 fsetxattr getxattr lgetxattr fgetxattr listxattr
            195 llistxattr flistxattr removexattr lremovexattr fremovexattr
            200 tkill time futex sched_setaffinity sched_getaffinity
            205 set_thread_area io_setup io_destroy io_getevents io_submit
            210 io_cancel get_thread_area lookup_dcookie epoll_create epoll_ctl_old
            215 epoll_wait_old remap_file_pages getdents64 set_tid_address restart_syscall
            220 semtimedop fadvise64 timer_create timer_settime timer_gettime
            225 timer_getoverrun timer_delete clock_settime clock_gettime clock_getres
            230 clock_nanosleep exit_group epoll_wait epoll_ctl tgkill
            235 utimes vserver mbind set_mempolicy get_mempolicy
            240 mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify
            245 mq_getsetattr kexec_load waitid add_key request_key
            250 keyctl ioprio_set ioprio_get inotify_init inotify_add_watch
            255 inotify_rm_watch migrate_pages openat mkdirat mknodat
            260 fchownat futimesat newfstatat unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat
            270 pselect6 ppoll unshare set_robust_list get_robust_list
            275 splice tee sync_file_range vmsplice move_pages
            280 utimensat epoll_pwait signalfd timerfd_create eventfd
            285 fallocate timerfd_settime timerfd_gettime accept4 signalfd4
            290 eventfd2 epoll_create1 dup3 pipe2 inotify_init1
            295 preadv pwritev rt_tgsigqueueinfo perf_event_open recvmmsg
            300 fanotify_init fanotify_mark prlimit64 name_to_handle_at open_by_handle_at
            305 clock_adjtime syncfs sendmmsg setns getcpu
            310 process_vm_readv process_vm_writev kcmp finit_module sched_setattr
            315 sched_getattr renameat2 seccomp getrandom memfd_create
            320 kexec_file_load bpf execveat userfaultfd membarrier
            325 mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect
            330 pkey_alloc pkey_free statx io_pgetevents rseq uretprobe uprobe
            424 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree
            429 move_mount fsopen fsconfig fsmount fspick
            434 pidfd_open clone3 close_range openat2 pidfd_getfd
            439 faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd
            444 landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease
            449 futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack
            454 futex_wake futex_wait futex_requeue statmount listmount
            459 lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat
            464 getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr
            """;

        static final String I386 =
                """
            0 restart_syscall exit fork read write open close waitpid creat link
            10 unlink execve chdir time mknod chmod lchown break oldstat lseek
            20 getpid mount umount setuid getuid stime ptrace alarm oldfstat pause
            30 utime stty gtty access nice ftime sync kill rename mkdir
            40 rmdir dup pipe times prof brk setgid getgid signal geteuid
            50 getegid acct umount2 lock ioctl fcntl mpx setpgid ulimit oldolduname
            60 umask chroot ustat dup2 getppid getpgrp setsid sigaction sgetmask ssetmask
            70 setreuid setregid sigsuspend sigpending sethostname
            75 setrlimit getrlimit getrusage gettimeofday settimeofday
            80 getgroups setgroups select symlink oldlstat readlink uselib swapon reboot readdir
            90 mmap munmap truncate ftruncate fchmod fchown getpriority setpriority profil statfs
            100 fstatfs ioperm socketcall syslog setitimer getitimer stat lstat fstat olduname
            110 iopl vhangup idle vm86old wait4 swapoff sysinfo ipc fsync sigreturn
            120 clone setdomainname uname modify_ldt adjtimex
            125 mprotect sigprocmask create_module init_module delete_module
            130 get_kernel_syms quotactl getpgid fchdir bdflush sysfs personality afs_syscall setfsuid setfsgid
            140 _llseek getdents _newselect flock msync readv writev getsid fdatasync _sysctl
            150 mlock munlock mlockall munlockall sched_setparam
            155 sched_getparam sched_setscheduler sched_getscheduler sched_yield sched_get_priority_max
            160 sched_get_priority_min sched_rr_get_interval nanosleep mremap setresuid
            165 getresuid vm86 query_module poll nfsservctl
            170 setresgid getresgid prctl rt_sigreturn rt_sigaction
            175 rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend
            180 pread64 pwrite64 chown getcwd capget capset sigaltstack sendfile getpmsg putpmsg
            190 vfork ugetrlimit mmap2 truncate64 ftruncate64 stat64 lstat64 fstat64 lchown32 getuid32
            200 getgid32 geteuid32 getegid32 setreuid32 setregid32
            205 getgroups32 setgroups32 fchown32 setresuid32 getresuid32
            210 setresgid32 getresgid32 chown32 setuid32 setgid32 setfsuid32 setfsgid32 pivot_root mincore madvise
            220 getdents64 fcntl64
            224 gettid readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr
            234 flistxattr removexattr lremovexattr fremovexattr tkill
            239 sendfile64 futex sched_setaffinity sched_getaffinity set_thread_area
            244 get_thread_area io_setup io_destroy io_getevents io_submit io_cancel fadvise64
            252 exit_group lookup_dcookie epoll_create epoll_ctl epoll_wait
            257 remap_file_pages set_tid_address timer_create timer_settime timer_gettime
            262 timer_getoverrun timer_delete clock_settime clock_gettime clock_getres
            267 clock_nanosleep statfs64 fstatfs64 tgkill utimes
            272 fadvise64_64 vserver mbind get_mempolicy set_mempolicy
            277 mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify
            282 mq_getsetattr kexec_load waitid
            286 add_key request_key keyctl ioprio_set ioprio_get
            291 inotify_init inotify_add_watch inotify_rm_watch migrate_pages openat
            296 mkdirat mknodat fchownat futimesat fstatat64 unlinkat renameat linkat symlinkat readlinkat
            306 fchmodat faccessat pselect6 ppoll unshare set_robust_list get_robust_list splice sync_file_range tee
            316 vmsplice move_pages getcpu epoll_pwait utimensat
            321 signalfd timerfd_create eventfd fallocate timerfd_settime
            326 timerfd_gettime signalfd4 eventfd2 epoll_create1 dup3
            331 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo
            336 perf_event_open recvmmsg fanotify_init fanotify_mark prlimit64
            341 name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg
            346 setns process_vm_readv process_vm_writev kcmp finit_module
            351 sched_setattr sched_getattr renameat2 seccomp getrandom
            356 memfd_create bpf execveat socket socketpair bind connect listen accept4 getsockopt
            366 setsockopt getsockname getpeername sendto sendmsg recvfrom recvmsg shutdown userfaultfd membarrier
            376 mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect
            381 pkey_alloc pkey_free statx arch_prctl io_pgetevents
            386 rseq
            393 semget semctl shmget shmctl shmat shmdt msgget msgsnd msgrcv msgctl
            403 clock_gettime64 clock_settime64 clock_adjtime64 clock_getres_time64 clock_nanosleep_time64
            408 timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64 utimensat_time64
            413 pselect6_time64 ppoll_time64
            416 io_pgetevents_time64 recvmmsg_time64 mq_timedsend_time64 mq_timedreceive_time64 semtimedop_time64
            421 rt_sigtimedwait_time64 futex_time64 sched_rr_get_interval_time64 pidfd_send_signal io_uring_setup
            426 io_uring_enter io_uring_register open_tree move_mount fsopen
            431 fsconfig fsmount fspick pidfd_open clone3
            436 close_range openat2 pidfd_getfd faccessat2 process_madvise
            441 epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule
            446 landlock_restrict_self memfd_secret process_mrelease
            449 futex_waitv set_mempolicy_home_node cachestat fchmodat2
            454 futex_wake futex_wait futex_requeue statmount listmount
            459 lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat
            464 getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr
            """;

        private Tables() {}
    }
}
