/** What a virtual machine is made of, without saying which. Run with {@code --add-exports java.base/jdk.internal.misc=trefoil.machine}. */
module trefoil.machine {
    exports trefoil.machine;
    exports trefoil.machine.fake;
    exports trefoil.machine.snapshot;
}
