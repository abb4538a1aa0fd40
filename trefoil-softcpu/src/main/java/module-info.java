/** The software processor. So far its floating-point arithmetic. */
module trefoil.softcpu {}
