"""Which system calls a submission may not have, and why: {name: (x86_64, aarch64)}.

Gone through call by call, for what reaches another process, a file outside the own folder (which
Landlock does not see), a resource of the whole machine, or outlives the submission. None where a
machine has no such call. The tests hold the numbers against the kernel's headers.
"""

__all__ = ["CLONE3", "CONTROLS", "OWN_ONLY", "REFUSED", "SEEMING", "SIGNALS"]

CLONE3 = (435, 435)
REFUSED = {
    # another process: make one, signal it, read, move, slow or end it
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "setsid": (112, 157), "setpgid": (109, 154),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424),
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "setpriority": (141, 140), "ioprio_set": (251, 30), "kcmp": (312, 272),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "get_robust_list": (274, 100),
    "migrate_pages": (256, 238), "move_pages": (279, 239),
    # sockets, and descriptors sent through them
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200),
    "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242),
    "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269),
    "recvfrom": (45, 207), "recvmsg": (47, 212), "recvmmsg": (299, 243),
    "setsockopt": (54, 208), "shutdown": (48, 210),
    # what all processes of a user or of the machine share: by number, name, quota or queue
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195),
    "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187),
    "semget": (64, 190), "semop": (65, 193), "semtimedop": (220, 192), "semctl": (66, 191),
    "mq_open": (240, 180), "mq_unlink": (241, 181), "memfd_create": (319, 279),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "io_setup": (206, 0), "inotify_init": (253, None), "inotify_init1": (294, 26),
    "fanotify_init": (300, 262), "syslog": (103, 116),
    # files by other ways than opening them; truncating by name is older than Landlock's word on it
    "truncate": (76, 45), "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264),
    "mknod": (133, None), "mknodat": (259, 33),
    # the machine, and parts of the kernel that no notebook needs
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "statmount": (457, 457), "listmount": (458, 458),
    "open_tree_attr": (467, 467),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142),
    "acct": (163, 89), "swapon": (167, 224), "swapoff": (168, 225), "personality": (135, 92),
    "quotactl": (179, 60), "quotactl_fd": (443, 443), "modify_ldt": (154, None),
    "vhangup": (153, 58), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "adjtimex": (159, 171), "clock_adjtime": (305, 266),
    "sethostname": (170, 161), "setdomainname": (171, 162),
}  # fmt: skip

# These seem to succeed and do nothing. Landlock lets them through wherever the same user owns the
# file: a submission could close the gradebook's folder, or its own to whoever throws it away. But
# `shutil.copy` ends in one of them, and an honest notebook may copy a file.
SEEMING = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "lchown": (94, None), "fchown": (93, 55), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466), "file_setattr": (469, 469),
    "sync": (162, 81), "syncfs": (306, 267),  # of all disks
}  # fmt: skip

# Whose first argument is a process: this one, by 0 or its number.
OWN_ONLY = {
    "prlimit64": (302, 261), "sched_setparam": (142, 118), "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122), "sched_setattr": (314, 274),
}  # fmt: skip

# {name: (numbers, which argument, its values, whether these and no others are allowed)}
CONTROLS = {
    # who is sent a signal when there is something to read (8, 15), and which (10); leases, which
    # make others wait (1024); watches (1026); a pipe's size, which is a quota (1031)
    "fcntl": ((72, 25), 1, (8, 10, 15, 1024, 1026, 1031), False),
    # is it a terminal (two ways), how wide, what waits, blocking, closed when executed
    "ioctl": ((16, 29), 1, (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451), True),
    # dumpable?, the name of a thread (15, 16), of memory, capabilities?, timer slack (29, 30),
    # no new privileges (38, 39). Not: outlive the grader (1), adopt (36), share a core (62)
    "prctl": ((157, 167), 0, (3, 15, 16, 0x53564D41, 23, 29, 30, 38, 39), True),
}

# Signals go to this process's own number, and none stops it: {name: (numbers, which argument)}.
SIGNALS = {"kill": ((62, 129), 1), "tgkill": ((234, 131), 2)}
