package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// A Worker carries out one piece of work on a file: do and its argument as Work knows them, the file to read from, and
// where the result goes. Its errors are the four below, that of the context, or those of the machine.
type Worker func(ctx context.Context, do, arg string, in *os.File, out io.Writer) error

// What can be wrong with a file that somebody puts into the house.
var (
	ErrPixels = errors.New("more pixels than the house takes")
	ErrBroken = errors.New("broken, or not what it seems to be")
	ErrBomb   = errors.New("unpacks to more than the house takes")
	ErrDied   = errors.New("the child process ended without a result")
)

// What Work does.
const (
	doPicture = "picture" // makes a picture anew, with an edge of arg pixels at the most
	doText    = "text"    // reads the text of a document of the type arg
)

// Work carries out what a Worker is asked for, in this process: the child's, which may die of it.
func Work(do, arg string, in *os.File, out io.Writer) (err error) {
	defer func() {
		if p := recover(); p != nil { // the libraries panic at what is broken
			err = fmt.Errorf("%w: %v", ErrBroken, p)
		}
	}()
	switch do {
	case doPicture:
		return remake(in, arg, out)
	case doText:
		return readText(in, arg, out)
	}
	return fmt.Errorf("no such work: %q", do)
}
