/* What a folder's disk is told, call by call: logged, failed or killed at the Nth, clock shifted.
 *
 * Preloaded into a process (LD_PRELOAD), it stands between every library, Rust's and Arrow's
 * included, and the C library. Below the folder that `platter_watch` names it
 *   - logs each change of a name or a file in the order in which it happens, over all processes,
 *     and keeps a copy of what a file holds whenever it is synced, so that `platter.py` can tell
 *     what is on the platter at any moment;
 *   - lets the Nth such call fail, or kills the process there (`platter_break`).
 * What goes round it (a mapping that is written to, a raw system call) is never taken as synced.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static char root[PATH_MAX], notes[PATH_MAX];
static size_t root_length;
static int log_fd = -1;
static long counted, break_at, copies;
static int break_errno, break_for_good, break_kills;
static long long shift_ns;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void after_fork(void) { pthread_mutex_init(&mutex, NULL); }
__attribute__((constructor)) static void begin(void) { pthread_atfork(NULL, NULL, after_fork); }

/* Watch a folder; with a folder for notes, log there. */
void platter_watch(const char *folder, const char *notes_folder) {
    char path[PATH_MAX + 16];
    snprintf(root, sizeof root, "%s", folder);
    root_length = strlen(root);
    log_fd = -1;
    if (notes_folder && *notes_folder) {
        snprintf(notes, sizeof notes, "%s", notes_folder);
        snprintf(path, sizeof path, "%s/log", notes);
        log_fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC,
                              0600);
    }
}

void platter_break(long at, int error, int for_good, int kills) {
    counted = 0;
    break_at = at;
    break_errno = error;
    break_for_good = for_good;
    break_kills = kills;
}

long platter_count(void) { return counted; }

void platter_clock(double seconds) { shift_ns = (long long)(seconds * 1e9); }

static int below(const char *path) {
    return root_length && !strncmp(path, root, root_length) &&
           (path[root_length] == '/' || !path[root_length]);
}

static int whole(int dir, const char *path, char *out) {
    char link[64];
    ssize_t length;
    if (!root_length || !path) return 0;
    if (path[0] == '/') {
        snprintf(out, PATH_MAX, "%s", path);
        return below(out);
    }
    if (dir == AT_FDCWD) {
        if (!getcwd(out, PATH_MAX)) return 0;
        length = (ssize_t)strlen(out);
    } else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
        length = readlink(link, out, PATH_MAX - 1);
        if (length < 0) return 0;
    }
    if (path[0] == '\0') {
        out[length] = '\0';
        return below(out);
    }
    snprintf(out + length, PATH_MAX - (size_t)length, "/%s", path);
    return below(out);
}

static int of_fd(int fd, struct stat *about) {
    char path[PATH_MAX], link[64];
    ssize_t length;
    if (!root_length) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = '\0';
    return below(path) && !fstat(fd, about) && (S_ISREG(about->st_mode) || S_ISDIR(about->st_mode));
}

static void lock(int kind) {
    struct flock range = {.l_type = (short)kind, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    int kept = errno;
    if (kind != F_UNLCK) pthread_mutex_lock(&mutex);
    if (log_fd >= 0)
        while (fcntl(log_fd, F_SETLKW, &range) < 0 && errno == EINTR) {}
    if (kind == F_UNLCK) pthread_mutex_unlock(&mutex);
    errno = kept;
}

/* Count a call; say whether it shall fail. */
static int breaks(void) {
    long now = __sync_add_and_fetch(&counted, 1);
    if (!break_at || now < break_at || (now > break_at && !break_for_good)) return 0;
    if (break_kills) syscall(SYS_kill, getpid(), SIGKILL);
    errno = break_errno;
    return 1;
}

static void note(const char *format, ...) {
    char line[3 * PATH_MAX];
    va_list arguments;
    int length, kept = errno;
    if (log_fd < 0) return;
    va_start(arguments, format);
    length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (syscall(SYS_write, log_fd, line, (size_t)length) != length) abort();
    errno = kept;
}

/* Keep what a file holds now; return the copy's number. */
static long keep(const char *path) {
    char name[PATH_MAX + 64], block[65536];
    long number = (long)getpid() * 1000000 + __sync_add_and_fetch(&copies, 1);
    ssize_t got;
    int from, to, kept = errno;
    if (log_fd < 0) return 0;
    snprintf(name, sizeof name, "%s/%ld", notes, number);
    from = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    to = (int)syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    while (from >= 0 && to >= 0 && (got = read(from, block, sizeof block)) > 0)
        if (syscall(SYS_write, to, block, (size_t)got) != got) abort();
    if (from >= 0) close(from);
    if (to >= 0) close(to);
    errno = kept;
    return number;
}

static const char *last(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static unsigned long above(const char *path) {
    char folder[PATH_MAX];
    struct stat about;
    char *slash;
    snprintf(folder, sizeof folder, "%s", path);
    slash = strrchr(folder, '/');
    if (!slash || slash == folder) return 0;
    *slash = '\0';
    return stat(folder, &about) ? 0 : about.st_ino;
}

static unsigned long inode(const char *path) {
    struct stat about;
    return lstat(path, &about) ? 0 : about.st_ino;
}

#define CALL(where, fails, act, told)                                                              \
    do {                                                                                           \
        if (!(where)) return act;                                                                  \
        if (breaks()) return fails;                                                                \
        lock(F_WRLCK);                                                                             \
        __typeof__(act) done = act;                                                                \
        if (done != (__typeof__(done))-1) { told; }                                                \
        lock(F_UNLCK);                                                                             \
        return done;                                                                               \
    } while (0)

static int opened(int dir, const char *path, int flags, mode_t mode) {
    char name[PATH_MAX];
    unsigned long there;
    int fd;
    if (!(flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE ||
        !whole(dir, path, name))
        return (int)syscall(SYS_openat, dir, path, flags, mode);
    if (breaks()) return -1;
    lock(F_WRLCK);
    there = inode(name);
    fd = (int)syscall(SYS_openat, dir, path, flags, mode);
    if (fd >= 0 && !there) note("create\t%lu\t%s\t%lu\n", above(name), last(name), inode(name));
    if (fd >= 0 && there && (flags & O_TRUNC)) note("write\t%lu\n", there);
    lock(F_UNLCK);
    return fd;
}

#define OPENS(name, first, dir)                                                                    \
    int name first {                                                                               \
        mode_t mode = 0;                                                                           \
        if (flags & (O_CREAT | O_TMPFILE)) {                                                       \
            va_list arguments;                                                                     \
            va_start(arguments, flags);                                                            \
            mode = va_arg(arguments, mode_t);                                                      \
            va_end(arguments);                                                                     \
        }                                                                                          \
        return opened(dir, path, flags, mode);                                                     \
    }
OPENS(open, (const char *path, int flags, ...), AT_FDCWD)
OPENS(open64, (const char *path, int flags, ...), AT_FDCWD)
OPENS(openat, (int dir, const char *path, int flags, ...), dir)
OPENS(openat64, (int dir, const char *path, int flags, ...), dir)
int creat(const char *path, mode_t mode) {
    return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* A write that fails leaves half of itself. */
ssize_t write(int fd, const void *from, size_t size) {
    struct stat about;
    if (!of_fd(fd, &about)) return syscall(SYS_write, fd, from, size);
    if (breaks()) {
        int kept = errno;
        if (size > 1 && syscall(SYS_write, fd, from, size / 2) < 0) {}
        note("write\t%lu\n", about.st_ino);
        errno = kept;
        return -1;
    }
    lock(F_WRLCK);
    ssize_t done = syscall(SYS_write, fd, from, size);
    note("write\t%lu\n", about.st_ino);
    lock(F_UNLCK);
    return done;
}

#define WRITES(type, name, parameters, arguments)                                                  \
    type name parameters {                                                                         \
        struct stat about;                                                                         \
        CALL(of_fd(fd, &about), -1, REAL(name) arguments, note("write\t%lu\n", about.st_ino));     \
    }
WRITES(ssize_t, pwrite, (int fd, const void *from, size_t n, off_t at), (fd, from, n, at))
WRITES(ssize_t, pwrite64, (int fd, const void *from, size_t n, off64_t at), (fd, from, n, at))
WRITES(ssize_t, writev, (int fd, const struct iovec *parts, int n), (fd, parts, n))
WRITES(ssize_t, pwritev, (int fd, const struct iovec *p, int n, off_t at), (fd, p, n, at))
WRITES(ssize_t, pwritev64, (int fd, const struct iovec *p, int n, off64_t at), (fd, p, n, at))
WRITES(int, ftruncate, (int fd, off_t size), (fd, size))
WRITES(int, ftruncate64, (int fd, off64_t size), (fd, size))
WRITES(int, posix_fallocate, (int fd, off_t at, off_t size), (fd, at, size))
WRITES(ssize_t, copy_file_range,
       (int from, off64_t *at, int fd, off64_t *to, size_t n, unsigned flags),
       (from, at, fd, to, n, flags))
ssize_t sendfile(int fd, int from, off_t *at, size_t n) {
    struct stat about;
    CALL(of_fd(fd, &about), -1, syscall(SYS_sendfile, fd, from, at, n),
         note("write\t%lu\n", about.st_ino));
}
ssize_t sendfile64(int fd, int from, off64_t *at, size_t n) { return sendfile(fd, from, at, n); }

static void synced(int fd, const struct stat *about) {
    char path[64];
    if (S_ISDIR(about->st_mode)) {
        note("folder\t%lu\n", about->st_ino);
        return;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    note("sync\t%lu\t%ld\n", about->st_ino, keep(path));
}
int fsync(int fd) {
    struct stat about;
    CALL(of_fd(fd, &about), -1, (int)syscall(SYS_fsync, fd), synced(fd, &about));
}
int fdatasync(int fd) {
    struct stat about;
    CALL(of_fd(fd, &about), -1, (int)syscall(SYS_fdatasync, fd), synced(fd, &about));
}

int linkat(int from, const char *old, int to, const char *new, int flags) {
    char source[PATH_MAX], target[PATH_MAX];
    int in = whole(to, new, target);
    if (in) whole(from, old, source);
    CALL(in, -1, (int)syscall(SYS_linkat, from, old, to, new, flags),
         note("seen\t%lu\t%ld\nlink\t%lu\t%s\t%lu\n", inode(target), keep(target), above(target),
              last(target), inode(target)));
}
int link(const char *old, const char *new) { return linkat(AT_FDCWD, old, AT_FDCWD, new, 0); }

int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
    char source[PATH_MAX], target[PATH_MAX];
    int in = whole(to, new, target) && whole(from, old, source);
    CALL(in, -1, (int)syscall(SYS_renameat2, from, old, to, new, flags),
         note("seen\t%lu\t%ld\nrename\t%lu\t%s\t%lu\t%s\t%lu\n", inode(target), keep(target),
              above(source), last(source), above(target), last(target), inode(target)));
}
int renameat(int from, const char *old, int to, const char *new) {
    return renameat2(from, old, to, new, 0);
}
int rename(const char *old, const char *new) {
    return renameat2(AT_FDCWD, old, AT_FDCWD, new, 0);
}

int unlinkat(int dir, const char *path, int flags) {
    char name[PATH_MAX];
    CALL(whole(dir, path, name), -1, (int)syscall(SYS_unlinkat, dir, path, flags),
         note("unlink\t%lu\t%s\n", above(name), last(name)));
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int dir, const char *path, mode_t mode) {
    char name[PATH_MAX];
    size_t length;
    int in = whole(dir, path, name);
    if (in && (length = strlen(name)) > 1 && name[length - 1] == '/') name[length - 1] = '\0';
    CALL(in, -1, (int)syscall(SYS_mkdirat, dir, path, mode),
         note("mkdir\t%lu\t%s\t%lu\n", above(name), last(name), inode(name)));
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    int done = (int)syscall(SYS_clock_gettime, clock, now);
    if (!done && shift_ns && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        long long total = now->tv_sec * 1000000000LL + now->tv_nsec + shift_ns;
        now->tv_sec = total / 1000000000LL;
        now->tv_nsec = total % 1000000000LL;
    }
    return done;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec precise;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *out) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (out) *out = precise.tv_sec;
    return precise.tv_sec;
}
