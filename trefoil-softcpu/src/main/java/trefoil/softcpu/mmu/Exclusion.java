package trefoil.softcpu.mmu;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one processor of a machine do something while no other is within an instruction: what the host's processor has no single instruction for, as a locked access across two lines of the cache.
 *
 * <p>A {@link Member} is <i>in</i> while its thread may be executing the guest's instructions, and out while it is halted, waits for its start-up, does not run, or waits for its turn to be alone. One that wants to be
 * alone goes out itself, asks all that are in to come to the end of their instruction, where each goes out and waits ({@link Member#giveWay}), and begins when none is in. It may be in the middle of an instruction itself, having
 * stored nothing yet. A device's code that runs in the thread of a processor counts as a part of the instruction: it must not wait for another processor, and never has to, since what processors hear is only left for them.
 * So the one that is alone waits for nobody, those that are out wait for it only, and it comes to its end.
 *
 * <p>What was done before by members that went out is visible to the one that is alone, and what it did to all that come in later.
 */
public final class Exclusion {
    /** Looks at a flag before a thread is put to sleep: some microseconds, as long as a few hundred guest instructions take. */
    private static final int SPINS = 2_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Member> members = new CopyOnWriteArrayList<>();
    /** Members that are in. Changed under the lock. */
    private volatile int count;

    private volatile Member alone;
    private volatile long times;

    /** @param ask makes the member's thread call {@link Member#giveWay} soon; called by other threads while the member is in, and must not wait */
    public Member join(Runnable ask) {
        Member member = new Member(ask);
        members.add(member);
        return member;
    }

    /** How often a member was alone. */
    public long times() {
        return times;
    }

    private void spinWhileTaken() {
        for (int n = 0; n < SPINS && alone != null; n++) {
            Thread.onSpinWait();
        }
    }

    /** One processor. Its methods are for its thread. */
    public final class Member {
        private final Runnable ask;
        private boolean in;

        /** How many processors there are. */
        public int count() {
            return members.size();
        }

        private Member(Runnable ask) {
            this.ask = ask;
        }

        /** The thread is about to execute instructions; waits while another is alone. */
        public void enter() {
            spinWhileTaken();
            lock.lock();
            try {
                while (alone != null) {
                    changed.awaitUninterruptibly();
                }
                in = true;
                count++;
            } finally {
                lock.unlock();
            }
        }

        /** It will execute none for a while. */
        public void leave() {
            lock.lock();
            try {
                goOut();
            } finally {
                lock.unlock();
            }
        }

        private void goOut() {
            in = false;
            if (--count == 0) {
                changed.signalAll();
            }
        }

        /** Between two instructions, when asked to: lets another be alone. */
        public void giveWay() {
            leave();
            enter();
        }

        /** Waits until no other is within an instruction. {@link #end} is due, whatever comes; in between this is not to be called again. */
        public void begin() {
            boolean wasIn = in;
            lock.lock();
            try {
                if (wasIn) {
                    goOut();
                }
                while (alone != null) {
                    changed.awaitUninterruptibly();
                }
                alone = this;
                in = wasIn;
                times++;
                members.stream().filter(member -> member.in && member != this).forEach(member -> member.ask.run());
            } finally {
                lock.unlock();
            }
            awaitOthers();
        }

        private void awaitOthers() {
            for (int n = 0; n < SPINS && count != 0; n++) {
                Thread.onSpinWait();
            }
            lock.lock();
            try {
                while (count != 0) {
                    changed.awaitUninterruptibly();
                }
            } finally {
                lock.unlock();
            }
        }

        /** Others may go on. */
        public void end() {
            lock.lock();
            try {
                alone = null;
                count += in ? 1 : 0;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
