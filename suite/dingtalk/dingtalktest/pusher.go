package dingtalktest

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

type deliveryKind uint8

const (
	eventPush deliveryKind = iota
	rowsPush
	ticketPush
)

// delivery is something to be pushed, until it is accepted or given up.
type delivery struct {
	id      int64
	suite   *suiteState
	kind    deliveryKind
	corp    string
	event   string
	msg     []byte // of an event; rows are written out anew for each attempt
	rows    []*row
	table   Table
	attempt int // attempts made and judged
	due     time.Time
}

// Run pushes what is queued, and makes tickets when Options.TicketEvery says
// so, until ctx ends. It returns when no attempt is under way any more. What
// was interrupted or is still queued is pushed by the next Run. The error is
// ErrRunning when a Run is under way, else nil.
func (p *Platform) Run(ctx context.Context) error {
	if !p.running.CompareAndSwap(false, true) {
		return ErrRunning
	}
	defer p.running.Store(false)
	var attempts sync.WaitGroup
	defer func() {
		attempts.Wait()
		if p.ownClient {
			p.client.CloseIdleConnections()
		}
	}()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.wake:
		case <-timer.C:
		}
		due, next := p.takeDue()
		for _, d := range due {
			attempts.Go(func() { p.attempt(ctx, d) })
		}
		if !next.IsZero() {
			timer.Reset(time.Until(next))
		}
	}
}

// takeDue takes what is to be pushed now off the queue, all of it: pushes are
// not throttled. It also tells when the next will be due.
func (p *Platform) takeDue() (due []*delivery, next time.Time) {
	p.change(func() {
		now := time.Now()
		next = p.makeTickets(now)
		for len(p.queue) > 0 && !now.Before(p.queue[0].due) {
			due = append(due, heap.Pop(&p.queue).(*delivery))
		}
		p.started += len(due)
		if len(p.queue) > 0 && (next.IsZero() || p.queue[0].due.Before(next)) {
			next = p.queue[0].due
		}
	})
	return due, next
}

// makeTickets makes the tickets whose time has come, and tells when the next
// will be. One that is still being pushed is not replaced: at DingTalk's pace its
// 100 tries are over before the next is due, whatever the pace here.
func (p *Platform) makeTickets(now time.Time) (next time.Time) {
	if p.o.TicketEvery <= 0 {
		return next
	}
	for _, s := range p.order {
		if !now.Before(s.ticket.nextAt) {
			s.ticket.nextAt = now.Add(p.wait(p.o.TicketEvery))
			if s.ticket.delivery == nil {
				p.newTicket(s)
			}
		}
		if next.IsZero() || s.ticket.nextAt.Before(next) {
			next = s.ticket.nextAt
		}
	}
	return next
}

// enqueue takes a delivery up.
func (p *Platform) enqueue(d *delivery) {
	p.lastID++
	d.id = p.lastID
	p.schedule(d, time.Now())
}

func (p *Platform) schedule(d *delivery, due time.Time) {
	d.due = due
	heap.Push(&p.queue, d)
	p.wakeUp()
}

func (p *Platform) wakeUp() {
	select {
	case p.wake <- struct{}{}:
	default: // Run will look anyway
	}
}

// attempt pushes d once.
func (p *Platform) attempt(ctx context.Context, d *delivery) {
	t, ok := p.prepare(d)
	if !ok {
		return
	}
	push := p.try(ctx, t)
	p.change(func() {
		p.started--
		if !push.OK && ctx.Err() != nil {
			p.schedule(d, time.Now()) // interrupted, not failed
			return
		}
		d.attempt++
		p.recordPush(push)
		p.settle(d, push)
	})
}

// prepare says what to push, or that nothing is left of d.
func (p *Platform) prepare(d *delivery) (t target, ok bool) {
	p.change(func() {
		msg := d.msg
		if d.rows != nil {
			msg = rowsMessage(d.suite, d)
		}
		superseded := d.kind == ticketPush && d.suite.ticket.delivery != d
		if msg == nil || superseded {
			p.started--
			return
		}
		t, ok = p.targetOf(d.suite), true
		t.want = success
		t.spoilt = t.spoilt || d.kind == ticketPush && d.suite.ticket.fault == TicketGivenUp
		t.push = Push{ID: d.id, Attempt: d.attempt + 1, Suite: d.suite.Key, Corp: d.corp, Event: d.event, Message: msg}
		c := d.suite.corps[d.corp]
		if c != nil && c.firstPushAt.IsZero() && (d.event == "tmp_auth_code" || d.event == "org_suite_auth") {
			c.firstPushAt = time.Now()
		}
	})
	return t, ok
}

// deliveries is a heap, the next to be due on top.
type deliveries []*delivery

func (q deliveries) Len() int { return len(q) }
func (q deliveries) Less(i, j int) bool {
	if !q[i].due.Equal(q[j].due) {
		return q[i].due.Before(q[j].due)
	}
	return q[i].id < q[j].id
}
func (q deliveries) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *deliveries) Push(d any)   { *q = append(*q, d.(*delivery)) }

func (q *deliveries) Pop() any {
	old := *q
	d := old[len(old)-1]
	*q = old[:len(old)-1]
	return d
}
