package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"time"
)

// Command is the hidden command of the program that is the child process: nestfunk _extract DO ARG, with the file as
// standard input and the result as standard output.
const Command = "_extract"

// Limits of the child.
const (
	childTime   = 10 * time.Second // of the clock, and of the processor where that can be limited
	childMemory = 640 << 20        // bytes, beyond which it collects as much as it can
	childSpace  = 2 << 30          // bytes of addresses, beyond which it ends
	childOutput = 32 << 20         // bytes
)

// How the child says what is wrong: its exit codes.
const (
	exitFailed = 1
	exitPixels = 10
	exitBroken = 11
	exitBomb   = 12
)

// Child is the main of the child process; it returns its exit code.
func Child(do, arg string, in *os.File, out io.Writer) int {
	debug.SetMemoryLimit(childMemory)
	if err := confine(); err != nil {
		return exitFailed
	}
	switch err := Work(do, arg, in, out); {
	case err == nil:
		return 0
	case errors.Is(err, ErrPixels):
		return exitPixels
	case errors.Is(err, ErrBroken):
		return exitBroken
	case errors.Is(err, ErrBomb):
		return exitBomb
	}
	return exitFailed
}

// child starts the program once more and has it work. Of the surroundings it gets nothing.
func child(ctx context.Context, do, arg string, in *os.File, out io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	most, cancel := context.WithTimeout(ctx, childTime+5*time.Second)
	defer cancel()
	c := exec.CommandContext(most, self, Command, do, arg)
	c.Env, c.Dir = []string{"GOMAXPROCS=1"}, os.TempDir()
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return err
	}
	result := &limited{w: out, left: childOutput}
	c.Stdin, c.Stdout, c.WaitDelay = in, result, time.Second
	alone(c)
	err = c.Run()
	exit, ok := errors.AsType[*exec.ExitError](err)
	switch {
	case result.err != nil:
		return result.err
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case !ok: // it could not be started
		return fmt.Errorf("start %s: %w", Command, err)
	}
	switch exit.ExitCode() {
	case exitPixels:
		return ErrPixels
	case exitBroken:
		return ErrBroken
	case exitBomb:
		return ErrBomb
	}
	return fmt.Errorf("%w: %s", ErrDied, exit.ProcessState)
}

// limited passes on so many bytes and then fails.
type limited struct {
	w    io.Writer
	left int64
	err  error
}

func (l *limited) Write(b []byte) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	if int64(len(b)) > l.left {
		l.err = ErrBomb
		return 0, l.err
	}
	l.left -= int64(len(b))
	n, err := l.w.Write(b)
	if err != nil {
		l.err = err
	}
	return n, err
}
