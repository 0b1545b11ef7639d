package console

import "suitekeeper/suite"

// auditView is a part of what people did.
type auditView struct {
	List  []suite.AuditEntry
	Pager pager
}

func (c *console) audit(v *visit) (view, error) {
	list, err := c.Keeper.Audit(v.ctx, suite.AuditQuery{Cursor: v.query("cursor")})
	if err != nil {
		return view{}, err
	}
	data := auditView{List: list.Entries, Pager: v.pager("audit", list.Next)}
	return view{Template: "audit", Title: "audit.title", Section: "audit", Data: data}, nil
}
