"""Runs `mnist train` in terminals of several kinds, and interrupts it.  check.py MNIST_PROGRAM FOLDER"""

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


def fail(message, shown):
    sys.exit(f"{message}; the terminal was sent:\n{shown!r}")


class Terminal:
    """A program in a terminal of so many columns."""

    def __init__(self, arguments, columns, **environment):
        self.text = ""
        self.main, side = pty.openpty()
        self.resize(columns)
        variables = {name: value for name, value in os.environ.items() if name not in ("TYPENET_MNIST_DIR", "NO_COLOR")}
        self.process = subprocess.Popen(arguments, stdin=side, stdout=side, stderr=side, start_new_session=True,
                                        env={**variables, "TERM": "xterm", **environment})
        os.close(side)

    def resize(self, columns):
        fcntl.ioctl(self.main, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read(self, until=None):
        """Reads until a pattern has been shown, or to the end."""
        end = time.monotonic() + 300  # only a program that hangs takes so long
        while time.monotonic() < end:
            if until and re.search(until, self.text):
                return
            if not select.select([self.main], [], [], 1)[0]:
                continue
            try:
                piece = os.read(self.main, 65536)
            except OSError:  # the program has ended
                piece = b""
            if not piece:
                return
            self.text += piece.decode()
        fail("the program hangs", self.text)

    def finish(self):
        self.read()
        os.close(self.main)
        return self.process.wait()


def check_widths(train):
    for columns in (20, 40, 80, 200):
        terminal = Terminal([*train, "--epochs", "2"], columns)
        if terminal.finish() != 0:
            fail("the training failed", terminal.text)
        drawn = re.findall(r"(epoch [^\r\n]*)\r\x1b\[2K", terminal.text)
        if not drawn:
            fail(f"nothing was drawn in {columns} columns", terminal.text)
        widest = max(map(len, drawn))
        if widest >= columns or (columns == 200 and widest < 90):
            fail(f"a line of {widest} characters in {columns} columns", terminal.text)
        if columns >= 80 and not all(re.search(r"\[=*[> ]? *\].* s left$", line) for line in drawn):
            fail("a line has no bar or doesn't say what time is left", terminal.text)
        if len(re.findall(r"(?<=\x1b\[2K)epoch [12]/2  loss [^\r\n]*rows/s\r\n", terminal.text)) != 2:
            fail("an epoch's line doesn't stay", terminal.text)


def check_resize(train):
    terminal = Terminal([*train, "--epochs", "3"], 120)
    terminal.read("epoch 1/3 .*left")
    terminal.resize(30)
    terminal.read("epoch 2/3 ")
    since = terminal.text.rindex("epoch 2/3 ")
    if terminal.finish() != 0:
        fail("the training failed", terminal.text)
    drawn = re.findall(r"(epoch [^\r\n]*)\r\x1b\[2K", terminal.text[since:])
    if not drawn or max(map(len, drawn)) >= 30:
        fail("the line doesn't follow the window", terminal.text)


def check_plain(train):
    plain = {"TERM=dumb": lambda: Terminal([*train, "--epochs", "1"], 80, TERM="dumb")}
    for name, start in plain.items():
        terminal = start()
        if terminal.finish() != 0 or "\x1b" in terminal.text or "\r" in terminal.text.replace("\r\n", ""):
            fail(f"with {name}, a line is drawn again", terminal.text)
    piped = subprocess.run([*train, "--epochs", "1"], capture_output=True, text=True)
    if piped.returncode != 0 or "\x1b" in piped.stdout or "\r" in piped.stdout or "epoch 1/1  loss" not in piped.stdout:
        fail("in a pipe, a line is drawn again", piped.stdout)
    coloured = Terminal([*train, "--epochs", "1"], 80, NO_COLOR="1")
    coloured.finish()
    if re.search(r"\x1b\[[0-9;]*m", coloured.text):
        fail("there are colours in spite of NO_COLOR", coloured.text)


def check_interrupt(train, folder):
    straight = subprocess.run([*train, "--epochs", "4", "--json", f"{folder}/straight.json"], capture_output=True, text=True)
    state = f"{folder}/state"
    shutil.rmtree(state, ignore_errors=True)
    terminal = Terminal([*train, "--epochs", "4", "--checkpoint", state], 80)
    terminal.read("epoch 3/4 .*left")
    terminal.process.send_signal(signal.SIGINT)
    status = terminal.finish()
    if status != 130 or not re.search(r"\nmnist: the training was interrupted in epoch [34]; --resume goes on from the last "
                                      r"finished epoch\r\n$", terminal.text):
        fail(f"Ctrl-C: status {status}", terminal.text)
    resumed = subprocess.run([*train, "--epochs", "4", "--checkpoint", state, "--resume", "--json", f"{folder}/resumed.json"],
                             capture_output=True, text=True)
    hashes = [re.search(r'"parameter_hash": *"([^"]*)"', pathlib.Path(f"{folder}/{name}.json").read_text())[1]
              for name in ("straight", "resumed")]
    if straight.returncode != 0 or resumed.returncode != 0 or hashes[0] != hashes[1]:
        fail(f"a training that was interrupted ends with {hashes[1]}, not {hashes[0]}", resumed.stdout)


if __name__ == "__main__":
    program, folder = sys.argv[1:]
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    command = [program, "train", "--recipe", "seed"]
    os.environ.pop("TYPENET_MNIST_DIR", None)  # the synthetic digits are always there
    os.chdir(folder)
    check_widths(command)
    check_resize(command)
    check_plain(command)
    check_interrupt(command, folder)
