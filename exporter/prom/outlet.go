package prom

import (
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"hash/maphash"
	"net/http"
	"strconv"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// outlet sends a page, which is given to it in pieces. The caller appends to a buffer
// and shows it to the outlet now and then, which takes what it has and returns it empty,
// or leaves it as it is.
type outlet interface {
	offer(buf []byte) []byte // here a piece may end
	seal(buf []byte) []byte  // here a piece ends that no other scrape will have
	finish(buf []byte)       // the page ends
}

// largePiece is how much of a page is kept before it is sent. A page that is not longer is
// sent with its length.
const largePiece = 256 << 10

// sender sends bytes as the body of an answer.
type sender struct {
	w      http.ResponseWriter
	begun  bool
	failed bool // the scraper has disconnected
}

// send sends some bytes; last says that they are the end.
func (s *sender) send(some []byte, last bool) {
	if last && !s.begun {
		s.w.Header().Set("Content-Length", strconv.Itoa(len(some)))
	}
	s.begun = true
	if !s.failed && len(some) > 0 {
		_, err := s.w.Write(some)
		s.failed = err != nil
	}
}

// plain sends a page as it is.
type plain struct{ sender }

func (p *plain) offer(buf []byte) []byte {
	if len(buf) < largePiece {
		return buf
	}
	p.send(buf, false)
	return buf[:0]
}

func (p *plain) seal(buf []byte) []byte { return buf }
func (p *plain) finish(buf []byte)      { p.send(buf, true) }

// smallPiece is how much of a page is compressed at a time.
const smallPiece = 32 << 10

// zipped sends a page compressed with gzip. What one piece becomes does not depend on
// what comes before it, so pieces that were compressed for an earlier scrape are used
// again. Together they are one stream: not every reader goes on after the end of one.
type zipped struct {
	sender
	known *pieces
	sum   uint32 // of the page so far
	size  uint32
	out   []byte
}

// The beginning of a gzip stream, without name and time, and the empty block at its end.
const (
	gzipBegin = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
	gzipEnd   = "\x01\x00\x00\xff\xff"
)

func (z *zipped) offer(buf []byte) []byte {
	if len(buf) < smallPiece {
		return buf
	}
	return z.add(buf, true)
}

func (z *zipped) seal(buf []byte) []byte { return z.add(buf, false) }

func (z *zipped) finish(buf []byte) {
	z.add(buf, true)
	z.out = append(z.out, gzipEnd...)
	z.out = binary.LittleEndian.AppendUint32(z.out, z.sum)
	z.out = binary.LittleEndian.AppendUint32(z.out, z.size)
	z.send(z.out, true)
	z.known.rest()
}

// add adds a piece; keep says whether another scrape may have the same.
func (z *zipped) add(piece []byte, keep bool) []byte {
	if len(z.out) == 0 && !z.begun {
		z.out = append(z.out, gzipBegin...)
	}
	z.sum = crc32.Update(z.sum, crc32.IEEETable, piece)
	z.size += uint32(len(piece))
	if keep {
		z.out = z.known.squeezed(z.out, piece)
	} else {
		z.out = z.known.squeeze(z.out, piece)
	}
	if len(z.out) >= largePiece {
		z.send(z.out, false)
		z.out = z.out[:0]
	}
	return piece[:0]
}

// squeezer compresses pieces, one at a time. Its memory is kept, which takes longer to allocate than to use.
type squeezer struct {
	mu sync.Mutex // guards what follows
	w  *flate.Writer
	to appender
}

// squeeze appends a compressed piece that is not the last one and ends with a whole byte.
func (s *squeezer) squeeze(to, piece []byte) []byte {
	if len(piece) == 0 {
		return to
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to.buf = to
	if s.w == nil {
		s.w, _ = flate.NewWriter(nil, flate.BestSpeed) // the level is valid
	}
	s.w.Reset(&s.to)
	_, _ = s.w.Write(piece) // an appender takes everything
	_ = s.w.Flush()
	to, s.to.buf = s.to.buf, nil
	return to
}

// appender appends what is written.
type appender struct{ buf []byte }

func (a *appender) Write(p []byte) (int, error) {
	a.buf = append(a.buf, p...)
	return len(p), nil
}

// restScrapes is after how many scrapes that did not have it a compressed piece is
// forgotten. Prometheus asks for one format, others may ask for another in between.
const restScrapes = 8

// restChosen is the same for pages of chosen profiles, of which each is another's: as many may be scraped in turn.
const restChosen = 256

// pieces keeps compressed pieces by what they were.
type pieces struct {
	*squeezer
	seed    maphash.Seed
	keeping uint64 // after how many scrapes that did not have it a piece is forgotten

	mu       sync.Mutex // guards what follows
	all      map[uint64]*squeezedPiece
	round    uint64 // counts the scrapes
	squeezes int    // how many pieces were compressed so far
}

type squeezedPiece struct {
	text  []byte
	round uint64 // of the last scrape that had it
}

func newPieces(keeping uint64, by *squeezer) *pieces {
	return &pieces{squeezer: by, keeping: keeping, seed: maphash.MakeSeed(), all: map[uint64]*squeezedPiece{}}
}

// squeezed appends a compressed piece, the one that is kept if there is one. Two different
// pieces have the same key once in 10^19 times.
func (p *pieces) squeezed(to, piece []byte) []byte {
	key := maphash.Bytes(p.seed, piece)
	p.mu.Lock()
	known := p.all[key]
	if known != nil {
		known.round = p.round
		p.mu.Unlock()
		return append(to, known.text...)
	}
	p.mu.Unlock()
	begin := len(to)
	to = p.squeeze(to, piece)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all[key] = &squeezedPiece{text: append([]byte(nil), to[begin:]...), round: p.round}
	p.squeezes++
	return to
}

// rest ends a scrape: what was not used for some time is forgotten.
func (p *pieces) rest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.round++
	for key, piece := range p.all {
		if p.round-piece.round > p.keeping {
			delete(p.all, key)
		}
	}
}

// packed sends a page compressed with zstd, for which few ask.
type packed struct {
	sender
	encoder *zstd.Encoder
}

var encoders = sync.Pool{New: func() any {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(smallPiece<<1))
	if err != nil {
		panic(err) // the options are wrong
	}
	return encoder
}}

func newPacked(s sender) *packed {
	p := &packed{sender: s, encoder: encoders.Get().(*zstd.Encoder)}
	p.encoder.Reset(p)
	return p
}

// Write sends what the encoder has.
func (p *packed) Write(some []byte) (int, error) {
	p.send(some, false)
	return len(some), nil
}

func (p *packed) offer(buf []byte) []byte {
	if len(buf) < smallPiece {
		return buf
	}
	return p.seal(buf)
}

func (p *packed) seal(buf []byte) []byte {
	_, _ = p.encoder.Write(buf)
	return buf[:0]
}

func (p *packed) finish(buf []byte) {
	p.seal(buf)
	_ = p.encoder.Close()
	encoders.Put(p.encoder)
}
