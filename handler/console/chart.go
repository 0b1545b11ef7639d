package console

import (
	"time"

	"suitekeeper/suite"
)

// Pictures are drawn in whole units of their own, which the style sheet scales.
const (
	gaugeWidth  = 1000
	shareWidth  = 1000
	chartHeight = 48
	barStep     = 6 // from one minute to the next
	barWidth    = 5
)

// gauge shows how old a ticket is. The scale ends a third behind the age at
// which a ticket counts as stale.
type gauge struct {
	Width int // of the whole scale
	Fill  int // the age
	Due   int // when the next push is expected; 0: unknown
	Stale int // from here on it is too old
	Over  int // how much of the scale that is
}

func (c *console) gauge(t suite.TicketReport) gauge {
	end := c.TicketStaleAfter * 4 / 3
	at := func(d time.Duration) int {
		return int(min(max(d, 0), end) * gaugeWidth / end)
	}
	g := gauge{Width: gaugeWidth, Stale: at(c.TicketStaleAfter)}
	g.Over = g.Width - g.Stale
	if t.State == suite.TicketMissing {
		return g
	}
	g.Fill = at(t.Age)
	if !t.NextExpectedAt.IsZero() {
		g.Due = at(t.NextExpectedAt.Sub(t.IssuedAt))
	}
	return g
}

// share is how many authorisations are in one state, as a part of a bar.
type share struct {
	Status   suite.Status
	Count    int
	X, Width int
}

// shares divides the bar. What exists is seen, be it ever so little.
func shares(counts map[suite.Status]int) (list []share, total int) {
	for _, n := range counts {
		total += n
	}
	x := 0
	for _, status := range suite.Statuses() {
		s := share{Status: status, Count: counts[status], X: x}
		if s.Count > 0 {
			s.Width = max(s.Count*shareWidth/total, 8)
		}
		x += s.Width
		list = append(list, s)
	}
	if over := x - shareWidth; over > 0 {
		shrinkWidest(list, over)
	}
	return list, total
}

// shrinkWidest takes from the widest part what the narrow ones were given.
func shrinkWidest(list []share, by int) {
	widest := 0
	for i := range list {
		if list[i].Width > list[widest].Width {
			widest = i
		}
	}
	list[widest].Width -= by
	for i := widest + 1; i < len(list); i++ {
		list[i].X -= by
	}
}

// pushChart shows how many pushes came in each of the last minutes.
type pushChart struct {
	Width, Height, BarWidth int
	Bars                    []bar
	Total, Peak             int
}

type bar struct{ X, Y, Height int }

func newPushChart(perMinute []int) pushChart {
	c := pushChart{Width: len(perMinute) * barStep, Height: chartHeight, BarWidth: barWidth}
	for _, n := range perMinute {
		c.Total += n
		c.Peak = max(c.Peak, n)
	}
	for i, n := range perMinute {
		height := 1 // the line on which bars stand
		if n > 0 {
			height = max(n*chartHeight/c.Peak, 3)
		}
		c.Bars = append(c.Bars, bar{X: i * barStep, Y: chartHeight - height, Height: height})
	}
	return c
}
