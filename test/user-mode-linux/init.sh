#!/bin/bash
# First process of a guest. The kernel's command line has WORK, the folder that is shared with the host and may be written to, and REPOSITORY. The
# root file system is the host's, read-only.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t hostfs none "$WORK" -o "$WORK"
mount -t tmpfs run /run -o mode=755
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts -o ptmxmode=0666
mount -t tmpfs shm /dev/shm
mkdir /dev/shm/tmp
ln -sf /proc/self/fd /dev/fd
# The kernel asks for modules, too: for ciphers with the first SA that has one.
echo "$WORK/modprobe" > /proc/sys/kernel/modprobe
"$WORK/modprobe" -qa veth xfrm_user esp4 esp6 ah4 ah6 ipcomp ipcomp6 xfrm4_tunnel
export HOME=/run TMPDIR=/dev/shm/tmp
cd "$REPOSITORY"
. "$WORK/environment"
bash "$WORK/command" > "$WORK/output" 2>&1
echo $? > "$WORK/code"
sync
halt -f
