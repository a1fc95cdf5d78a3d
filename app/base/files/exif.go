package files

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// orientation reads from a JPEG how its camera was held; 1 where it does not say.
func orientation(in *os.File) (int, error) {
	if _, err := in.Seek(2, io.SeekStart); err != nil {
		return 0, err
	}
	for {
		var mark [4]byte
		if _, err := io.ReadFull(in, mark[:]); err != nil {
			return 1, ended(err)
		}
		size := int(binary.BigEndian.Uint16(mark[2:])) - 2
		if mark[0] != 0xff || size < 0 || mark[1] == 0xda { // the picture itself
			return 1, nil
		}
		if mark[1] != 0xe1 {
			if _, err := in.Seek(int64(size), io.SeekCurrent); err != nil {
				return 0, err
			}
			continue
		}
		part := make([]byte, size)
		if _, err := io.ReadFull(in, part); err != nil {
			return 1, ended(err)
		}
		if turn := turned(part); turn != 0 {
			return turn, nil
		}
	}
}

func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// turned finds the orientation in an APP1 segment; 0: there is none.
func turned(part []byte) int {
	if len(part) < 14 || string(part[:6]) != "Exif\x00\x00" {
		return 0
	}
	tiff := part[6:]
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	n := int64(order.Uint16(tiff[at:]))
	for i := range n {
		e := at + 2 + 12*i
		if e+12 > int64(len(tiff)) {
			return 0
		}
		if order.Uint16(tiff[e:]) == 0x0112 {
			if v := int(order.Uint16(tiff[e+8:])); v >= 1 && v <= 8 {
				return v
			}
			return 0
		}
	}
	return 0
}
