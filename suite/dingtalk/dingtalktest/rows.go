package dingtalktest

import (
	"cmp"
	"fmt"
	"strconv"
	"time"
)

// Table is one of DingTalk's push tables.
type Table string

// The tables, as the EventType names them.
const (
	High   Table = "SYNC_HTTP_PUSH_HIGH"
	Medium Table = "SYNC_HTTP_PUSH_MEDIUM"
)

// Row is a row of a push table. A newer row with the same corp, biz id and
// biz type takes the place of an older one, also where that still waits to be
// pushed again. Data must not be changed once the row was given away.
type Row struct {
	CorpID   string
	BizID    string
	BizType  int
	Data     map[string]any // biz_data with its syncAction
	AsObject bool           // push biz_data as an object, as some documents show it, not as a text
	At       time.Time      // gmt_modified; the time of the push when zero
}

type rowKey struct {
	corp, bizID string
	bizType     int
}

type row struct {
	Row
	id int64
}

// PushRows queues rows, all in one push. The error wraps ErrNotInThisMode for
// a suite in HTTP mode.
func (p *Platform) PushRows(suite string, t Table, rows ...Row) error {
	return p.onSuite("push rows", suite, func(s *suiteState) error {
		if s.Mode != SyncHTTP {
			return ErrNotInThisMode
		}
		if len(rows) == 0 {
			return fmt.Errorf("%w: no rows", ErrInvalid)
		}
		p.enqueueRows(s, t, rows)
		return nil
	})
}

// pushRow queues a row of the high table.
func (p *Platform) pushRow(s *suiteState, r Row) { p.enqueueRows(s, High, []Row{r}) }

func (p *Platform) enqueueRows(s *suiteState, t Table, rows []Row) *delivery {
	d := &delivery{suite: s, kind: rowsPush, event: string(t), table: t}
	for _, r := range rows {
		if r.At.IsZero() {
			r.At = time.Now()
		}
		p.lastRow++
		stored := &row{Row: r, id: p.lastRow}
		s.rows[r.key()] = stored
		d.rows = append(d.rows, stored)
	}
	if len(rows) == 1 {
		d.corp = rows[0].CorpID
		d.event = cmp.Or(action(rows[0]), d.event)
	}
	p.enqueue(d)
	return d
}

func (r Row) key() rowKey { return rowKey{r.CorpID, r.BizID, r.BizType} }

func action(r Row) string {
	name, _ := r.Data["syncAction"].(string)
	return name
}

// rowsMessage is the push with those of its rows that no newer row has
// replaced, or nil when none is left.
func rowsMessage(s *suiteState, d *delivery) []byte {
	var list []object
	for _, r := range d.rows {
		if s.rows[r.key()] == r {
			list = append(list, r.object(s))
		}
	}
	if list == nil {
		return nil
	}
	return encode(object{"EventType": string(d.table), "bizData": list})
}

func (r *row) object(s *suiteState) object {
	o := object{
		"id": r.id, "gmt_create": r.At.UnixMilli(), "gmt_modified": r.At.UnixMilli(),
		"subscribe_id": strconv.FormatInt(s.SuiteID, 10) + "_0", "corp_id": r.CorpID,
		"biz_id": r.BizID, "biz_type": r.BizType, "open_cursor": 0, "status": 0,
		"biz_data": string(encode(r.Data)),
	}
	if r.AsObject {
		o["biz_data"] = r.Data
	}
	return o
}

func ticketRow(s *suiteState) Row {
	return Row{CorpID: s.OwnCorp, BizID: strconv.FormatInt(s.SuiteID, 10), BizType: 2, At: s.ticket.issuedAt,
		Data: object{"syncAction": "suite_ticket", "suiteTicket": s.ticket.value}}
}

func authRow(s *suiteState, c *corpState, action string) Row {
	scope := c.scope.object()
	scope["errcode"], scope["errmsg"] = 0, "ok"
	return Row{CorpID: c.id, BizID: strconv.FormatInt(s.SuiteID, 10), BizType: 4, At: c.stamp(), Data: object{
		"syncAction":        action,
		"permanent_code":    c.permanent,
		"ch_permanent_code": "",
		"auth_corp_info":    c.info(),
		"auth_user_info":    object{"userId": c.admin},
		"auth_info":         object{"agent": c.agentObjects()},
		"auth_scope":        scope,
	}}
}

func relieveRow(s *suiteState, c *corpState) Row {
	return Row{CorpID: c.id, BizID: strconv.FormatInt(s.SuiteID, 10), BizType: 4, At: c.stamp(),
		Data: object{"syncAction": "org_suite_relieve"}}
}

func appRow(c *corpState, a *Agent, action string) Row {
	return Row{CorpID: c.id, BizID: strconv.FormatInt(a.AppID, 10), BizType: 7, At: c.stamp(),
		Data: object{"syncAction": action, "agentId": a.AgentID, "appId": a.AppID}}
}
