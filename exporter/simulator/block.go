package simulator

import (
	"container/list"
	"iter"
	"sync"
)

const (
	// daysPerBlock is how many days are computed and kept together.
	daysPerBlock = 32
	// keptBlocks bounds the memory: at most some tens of megabytes, enough for the full history of a
	// dozen people, or for the last two months of everybody.
	keptBlocks = 2048
)

// blockKey names a block. The number of zone changes is part of it: a journey makes new days.
type blockKey struct{ person, block, zones int }

// block is a month of a person.
type block struct {
	key  blockKey
	days [daysPerBlock]dayRecords
}

// history keeps computed days, the least recently used ones go first.
type history struct {
	mu     sync.Mutex // guards the fields below; blocks themselves never change
	blocks map[blockKey]*list.Element
	order  *list.List // of *block, most recently used first
}

func newHistory() *history {
	return &history{blocks: make(map[blockKey]*list.Element), order: list.New()}
}

// days yields the records of the days from first to last, both included, oldest first.
func (h *history) days(p *person, first, last int) iter.Seq2[int, *dayRecords] {
	return func(yield func(int, *dayRecords) bool) {
		for day := max(first, p.firstDay); day <= last; {
			b := h.block(p, day/daysPerBlock)
			end := min(last, b.key.block*daysPerBlock+daysPerBlock-1)
			for ; day <= end; day++ {
				if !yield(day, &b.days[day%daysPerBlock]) {
					return
				}
			}
		}
	}
}

// day returns the records of one day.
func (h *history) day(p *person, day int) *dayRecords {
	for _, records := range h.days(p, day, day) {
		return records
	}
	return &dayRecords{}
}

// block returns a block, computing it when it is not kept. Two requests may compute the same one at the
// same time; the results are equal, and the lock is not held meanwhile.
func (h *history) block(p *person, number int) *block {
	key := blockKey{person: p.index, block: number, zones: len(*p.zones.Load())}
	if b := h.find(key); b != nil {
		return b
	}
	b := &block{key: key}
	for i := range b.days {
		b.days[i] = p.live(number*daysPerBlock + i)
	}
	h.keep(b)
	return b
}

func (h *history) find(key blockKey) *block {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.blocks[key]
	if e == nil {
		return nil
	}
	h.order.MoveToFront(e)
	return e.Value.(*block)
}

func (h *history) keep(b *block) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.blocks[b.key] != nil {
		return
	}
	h.blocks[b.key] = h.order.PushFront(b)
	if h.order.Len() > keptBlocks {
		oldest := h.order.Back()
		delete(h.blocks, h.order.Remove(oldest).(*block).key)
	}
}
