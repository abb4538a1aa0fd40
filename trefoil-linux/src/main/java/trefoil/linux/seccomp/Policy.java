package trefoil.linux.seccomp;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import trefoil.linux.Errno;

/**
 * Which system calls a container may make: an allow list by name. What is on no list, such as calls younger than this
 * table, is answered {@code ENOSYS}, on which C libraries fall back to older calls.
 *
 * <p>The container's user namespace already takes the power out of most calls; the filter keeps the kernel's rarely
 * walked paths out of reach and refuses what no namespace divides:
 * <ul>
 * <li>keyrings ({@code keyctl} and family) belong to users, not to namespaces: a process could find keys of another
 *     container. Answered {@code ENOSYS}, as by a kernel without them, which systemd and pam_keyinit take quietly;
 * <li>{@code io_uring} does its work past this very filter: {@code ENOSYS}, and every user of it falls back;
 * <li>{@code open_by_handle_at} opens inodes outside the root; {@code syslog} reads the host's log; {@code bpf},
 *     {@code perf_event_open}, {@code userfaultfd} and {@code move_pages} are tools of kernel exploits: {@code EPERM};
 * <li>clock, swap, modules, kexec, quotas, accounting and I/O ports are the host's: {@code EPERM}, as the kernel itself says.
 *     ({@code adjtimex} stays: reading the clock's state is common, and setting it the kernel refuses.)
 * <li>a new user namespace gives any user inside all capabilities over further kernel code: only with nesting. Other namespaces
 *     ask for {@code CAP_SYS_ADMIN} inside, and systemd's services live on them (PrivateTmp=, ProtectSystem=,
 *     PrivateNetwork=, ProtectHostname=): allowed. {@code clone3} hides its flags in memory, where no filter can look:
 *     {@code ENOSYS} without nesting, and glibc uses {@code clone}.
 * <li>{@code ioctl} TIOCSTI types into a terminal for its user, TIOCLINUX pastes on the host's console: {@code EPERM}. Only the low
 *     32 bits of the request are compared since the kernel looks at no more (compare CVE-2019-7303);
 * <li>{@code socket} of families that are not divided by network namespaces or are seldom used (AF_VSOCK reaches the hypervisor
 *     below this host, AF_ALG the kernel's ciphers): {@code EAFNOSUPPORT}, as by a kernel without them. Allowed are AF_UNIX, AF_INET,
 *     AF_INET6, AF_NETLINK, AF_PACKET and AF_KEY (IPsec daemons);
 * <li>{@code personality} only with PER_LINUX, PER_LINUX32, UNAME26, ADDR_NO_RANDOMIZE (debuggers) and the query.
 * </ul>
 * {@code ptrace} and {@code process_vm_readv} are allowed: they act only on processes of the own user namespace. {@code reboot} ends
 * the container (reboot(2), "Behavior inside PID namespaces").
 *
 * <p>32-bit programs (i386) run, under the same lists. Their {@code socketcall} hides the family in memory and is answered
 * {@code ENOSYS} without nesting: glibc for i386 as Debian builds it then has no sockets, musl has.
 */
final class Policy {
    static final int EPERM = Errno.EPERM;
    static final int ENOSYS = Errno.ENOSYS;

    private static final Set<String> ALLOWED = words(
            """
            _llseek _newselect accept accept4 access adjtimex alarm arch_prctl bind brk cachestat capget capset
            chdir chmod chown chown32 chroot clock_adjtime clock_adjtime64 clock_getres clock_getres_time64
            clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 close close_range connect
            copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2
            epoll_wait eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64
            fadvise64_64 fallocate fanotify_init fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32
            fchownat fcntl fcntl64 fdatasync fgetxattr file_getattr file_setattr flistxattr flock fork
            fremovexattr fsconfig fsetxattr fsmount fsopen fspick fstat fstat64 fstatat64 fstatfs fstatfs64
            fsync ftruncate ftruncate64 futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake
            futimesat get_mempolicy get_robust_list get_thread_area getcpu getcwd getdents getdents64 getegid
            getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getitimer getpeername getpgid
            getpgrp getpid getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32 getrlimit
            getrusage getsid getsockname getsockopt gettid gettimeofday getuid getuid32 getxattr getxattrat
            inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents
            io_pgetevents io_pgetevents_time64 io_setup io_submit ioprio_get ioprio_set ipc kcmp kill
            landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr link
            linkat listen listmount listxattr listxattrat llistxattr lremovexattr lseek lsetxattr lstat lstat64
            madvise map_shadow_stack mbind membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod
            mknodat mlock mlock2 mlockall mmap mmap2 mount mount_setattr move_mount mprotect mq_getsetattr
            mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink
            mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall munmap name_to_handle_at nanosleep
            newfstatat nice oldfstat oldlstat oldolduname oldstat olduname open open_tree open_tree_attr openat
            openat2 pause pidfd_getfd pidfd_open pidfd_send_signal pipe pipe2 pivot_root pkey_alloc pkey_free
            pkey_mprotect poll ppoll ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_madvise
            process_mrelease process_vm_readv process_vm_writev pselect6 pselect6_time64 ptrace pwrite64 pwritev
            pwritev2 read readahead readdir readlink readlinkat readv reboot recvfrom recvmmsg recvmmsg_time64
            recvmsg remap_file_pages removexattr removexattrat rename renameat renameat2 restart_syscall rmdir
            rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
            rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_get_priority_max
            sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
            sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam
            sched_setscheduler sched_yield seccomp select semctl semget semop semtimedop semtimedop_time64
            sendfile sendfile64 sendmmsg sendmsg sendto set_mempolicy set_mempolicy_home_node set_robust_list
            set_thread_area set_tid_address setdomainname setfsgid setfsgid32 setfsuid setfsuid32 setgid
            setgid32 setgroups setgroups32 sethostname setitimer setns setpgid setpriority setregid setregid32
            setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid setsockopt setuid
            setuid32 setxattr setxattrat sgetmask shmat shmctl shmdt shmget shutdown sigaction sigaltstack
            signal signalfd signalfd4 sigpending sigprocmask sigreturn sigsuspend splice ssetmask stat stat64
            statfs statfs64 statmount statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill
            time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime
            timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64
            times tkill truncate truncate64 ugetrlimit umask umount umount2 uname unlink unlinkat uprobe
            uretprobe ustat utime utimensat utimensat_time64 utimes vfork vhangup vmsplice wait4 waitid waitpid
            write writev
            """);

    private static final Set<String> REFUSED = words(
            """
            acct bpf clock_settime clock_settime64 delete_module finit_module init_module ioperm iopl
            kexec_file_load kexec_load migrate_pages move_pages open_by_handle_at perf_event_open quotactl
            quotactl_fd settimeofday stime swapoff swapon syslog userfaultfd vm86 vm86old
            """);

    private static final Set<String> ABSENT = words(
            """
            _sysctl add_key afs_syscall bdflush break create_module epoll_ctl_old epoll_wait_old ftime
            get_kernel_syms getpmsg gtty idle io_uring_enter io_uring_register io_uring_setup keyctl lock
            lookup_dcookie lsm_get_self_attr lsm_list_modules lsm_set_self_attr modify_ldt mpx nfsservctl prof
            profil putpmsg query_module request_key security stty sysfs tuxcall ulimit uselib vserver
            """);

    private Policy() {}

    private static Set<String> words(String text) {
        return Stream.of(text.strip().split("\\s+")).collect(Collectors.toUnmodifiableSet());
    }

    /** What a call is answered. */
    static Rule of(String call, boolean nesting) {
        return switch (call) {
            case "clone", "unshare" -> nesting ? Rule.ALLOW : Rule.NO_USER_NAMESPACE;
            case "clone3", "socketcall" -> nesting ? Rule.ALLOW : Rule.errno(ENOSYS);
            case "ioctl" -> Rule.NO_TYPING_FOR_OTHERS;
            case "socket", "socketpair" -> Rule.COMMON_ADDRESS_FAMILIES;
            case "personality" -> Rule.HARMLESS_PERSONALITIES;
            default -> byList(call);
        };
    }

    private static Rule byList(String call) {
        if (ALLOWED.contains(call)) {
            return Rule.ALLOW;
        }
        if (REFUSED.contains(call)) {
            return Rule.errno(EPERM);
        }
        if (ABSENT.contains(call)) {
            return Rule.errno(ENOSYS);
        }
        throw new IllegalStateException("no decision about the system call " + call);
    }
}
