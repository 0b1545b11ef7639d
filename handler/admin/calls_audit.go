package admin

import (
	"context"

	"suitekeeper/suite"
)

func (a *api) rejections(context.Context, *none) (*answer[Rejections], error) {
	return &answer[Rejections]{NewRejections(a.Keeper.Rejections())}, nil
}

func (a *api) audit(ctx context.Context, in *Page) (*answer[Audit], error) {
	list, err := a.Keeper.Audit(ctx, suite.AuditQuery{Limit: in.Limit, Cursor: in.Cursor})
	return answered(list, err, NewAudit)
}
