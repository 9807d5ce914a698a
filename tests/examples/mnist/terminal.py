"""Runs the MNIST program on terminals of several widths, and without one: terminal.py PROGRAM WORK_FOLDER."""
import fcntl
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time

program, work = sys.argv[1], pathlib.Path(sys.argv[2])
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)
plain = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM", "TYPENET_MNIST_DIR")}
ERASE = "\r\x1b[2K"


def set_width(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


def run(arguments, columns=80, term="xterm", environment=None, react=None):
    """Runs `mnist train` on a terminal. `react(text, terminal, process)` is called with what was written so far, until
    it returns True. Returns what was written, and the exit status."""
    terminal, inside = pty.openpty()
    set_width(terminal, columns)

    def control():
        os.setsid()
        fcntl.ioctl(inside, termios.TIOCSCTTY, 0)

    process = subprocess.Popen([program, "train", *arguments], stdin=inside, stdout=inside, stderr=inside, cwd=work,
                               env={**plain, "TERM": term, **(environment or {})}, preexec_fn=control)
    os.close(inside)
    written, done, end = b"", react is None, time.monotonic() + 300
    while True:
        if time.monotonic() > end:
            process.kill()
            sys.exit("the program takes more than five minutes")
        if select.select([terminal], [], [], 1)[0]:
            try:
                piece = os.read(terminal, 4096)
            except OSError:  # Linux says so when the program has ended
                piece = b""
            if not piece:
                break
            written += piece
            done = done or react(written.decode(errors="ignore"), terminal, process)
    os.close(terminal)
    return written.decode().replace("\r\n", "\n"), process.wait()


def drawings(text):
    """Returns the lines that were erased and drawn again, in their order, and the lines that stayed."""
    live, stayed = [], []
    for line in text.split("\n"):
        *erased, last = line.split(ERASE)
        live += erased
        stayed.append(last)
    return live, stayed


def check(what, holds, text=""):
    if not holds:
        sys.exit(f"failed: {what}\n{text!r}")
    print(f"{what}: as it should be")


few = ["--epochs", "2", "--threads", "1"]

# Every width: no line that the bar draws reaches the window's last column.
for columns in (5, 20, 40, 80, 200):
    text, status = run(few, columns)
    live, stayed = drawings(text)
    lines = live + [line for line in stayed if line.startswith("epoc")]
    check(f"{columns} columns: status", status == 0, text)
    check(f"{columns} columns: it draws", len(live) >= 3, text)
    check(f"{columns} columns: lines fit", all(len(line) < columns for line in lines), text)
    check(f"{columns} columns: lines are used", max(map(len, lines)) > min(columns, 80) * 0.5, text)
    check(f"{columns} columns: nothing but erasing", "\x1b" not in text.replace(ERASE, ""), text)
    check(f"{columns} columns: a bar", any("[=" in line for line in live) == (columns >= 60), text)
    if columns == 200:
        check("wide windows have longer bars", max(map(len, live)) > 100, text)

# The window becomes narrower while the program runs.
resized_at = []


def shrink(text, terminal, _):
    if text.count(ERASE) < 3:
        return False
    set_width(terminal, 30)
    resized_at.append(len(text.replace("\r\n", "\n")))
    return True


text, status = run(["--epochs", "3", "--threads", "1"], 120, react=shrink)
check("a resize: status", status == 0, text)
later = text[resized_at[0]:].split(ERASE)[2:]  # a line may have been under way
check("a resize: later lines fit", later and all(len(piece.split("\n")[0]) < 30 for piece in later), text)

# No colours; and no tricks where the terminal knows none, or where there is none.
text, status = run(few, environment={"NO_COLOR": "1"})
check("NO_COLOR: no colours", status == 0 and not re.search(r"\x1b\[[0-9;]*m", text), text)
text, status = run(few, term="dumb")
check("TERM=dumb: plain lines", status == 0 and "\x1b" not in text and "\r" not in text, text)
check("TERM=dumb: a line an epoch", len(re.findall(r"^epoch [12]/2  loss .* rows/s$", text, re.M)) == 2, text)
piped = subprocess.run([program, "train", *few], cwd=work, env={**plain, "TERM": "xterm"}, capture_output=True, text=True)
check("a pipe: plain lines", piped.returncode == 0 and not re.search(r"[\x1b\r]", piped.stdout), piped.stdout)
table = r"""
                         learning
epoch    loss  accuracy      rate  seconds
    1  \d\.\d{4}   \d\d\.\d\d %      0.25  +\d+\.\d\d
    2  \d\.\d{4}   \d\d\.\d\d %  0\.000133  +\d+\.\d\d  best
test accuracy """
check("a pipe: a table at the end", re.search(table, piped.stdout), piped.stdout)
check("a pipe: a line an epoch", len(re.findall(r"^epoch [12]/2  loss .* rows/s$", piped.stdout, re.M)) == 2,
      piped.stdout)


# Ctrl-C, as the terminal sends it: the program ends after the step.
def press(count):
    def react(text, terminal, _):
        if not re.search(r"epoch 2/3 .*" + re.escape(ERASE), text):
            return False
        for _ in range(count):
            os.write(terminal, b"\x03")
            time.sleep(0.3)
        return True

    return react


arguments = ["--epochs", "3", "--threads", "1", "--json", "result.json"]
text, status = run(arguments, react=press(1))
check("Ctrl-C: status 130", status == 130, text)
check("Ctrl-C: a line that ends", text.endswith("\nstopped in epoch 2 of 3\n") or
      text.endswith(ERASE + "stopped in epoch 2 of 3\n"), text)
check("Ctrl-C: no result", not (work / "result.json").exists())

# A checkpoint is stored, and the resumed training gives the same bits.
stored = [*arguments, "--checkpoint", "state"]
text, status = run(stored, react=press(1))
check("Ctrl-C with a checkpoint", status == 130 and "stopped in epoch 2 of 3; --resume goes on from here\n" in text, text)
text, status = run([*stored, "--resume"])
check("resumed", status == 0 and re.search(r"^resumed in epoch 2, after \d+ of \d+ digits$", text, re.M) and (work / "result.json").exists(), text)
pattern = r'"parameter_hash": "(\w+)"'
resumed = re.search(pattern, (work / "result.json").read_text())[1]
subprocess.run([program, "train", *arguments], cwd=work, env=plain, check=True, stdout=subprocess.DEVNULL)
check("the same bits", resumed == re.search(pattern, (work / "result.json").read_text())[1], resumed)

# Without a terminal a signal does the same. While the digits are read, only a second one ends the program.
process = subprocess.Popen([program, "train", "--epochs", "50", "--threads", "1"], cwd=work, env=plain,
                           stdout=subprocess.PIPE, text=True)
while "epoch" not in process.stdout.readline():
    pass
process.send_signal(signal.SIGINT)
rest = process.stdout.read()
check("a signal without a terminal", process.wait() == 130 and rest.endswith(" of 50\n"), rest)
process = subprocess.Popen([program, "train", "--epochs", "50"], cwd=work, env=plain, stdout=subprocess.DEVNULL)
time.sleep(0.05)  # it still reads or draws the digits, which takes longer
process.send_signal(signal.SIGINT)
time.sleep(0.02)
process.send_signal(signal.SIGINT)
check("two signals end it at once", process.wait() == -signal.SIGINT)
