# Waits for processes that join from outside, tries to read their programs and descriptors, and prints what it got, until /tmp/stop is there.
use strict; use warnings;
$| = 1;
my $tries = 0;
while (!-e '/tmp/stop') {
    opendir(my $proc, '/proc') or die;
    for my $pid (grep { /^\d+$/ && $_ > 1 } readdir $proc) {
        my $exe = readlink("/proc/$pid/exe");
        $tries++ unless defined $exe;
        print "PROGRAM $exe\n" if defined $exe && $exe =~ /keeper|trefoil/;
        opendir(my $fds, "/proc/$pid/fd") or next;
        for my $fd (grep { /^\d+$/ && $_ > 2 } readdir $fds) {
            my $to = readlink("/proc/$pid/fd/$fd") // next;
            print "DESCRIPTOR $to\n" if $to =~ /keeper|trefoil|console\.missed|tasks$/;
        }
    }
}
print "watched $tries\n";
