package suite

// Sentence names one of the sentences with which we say why something is as it
// is. The names are stored and part of the API, so they do not change.
type Sentence string

// SayWords says words as they are.
const SayWords Sentence = "words"

// What is odd about an event in quarantine.
const (
	SayNotJSON           Sentence = "not_json"
	SayNameTwice         Sentence = "name_twice"
	SayInvalidUTF8       Sentence = "invalid_utf8"
	SayMissing           Sentence = "field_missing"       // field
	SayBothMissing       Sentence = "both_fields_missing" // two fields of which one would do
	SayMissingOrNoArray  Sentence = "field_no_array"      // field
	SayMissingOrNoString Sentence = "field_no_name"       // field
	SayNoString          Sentence = "field_no_string"     // field
	SayNoNumber          Sentence = "field_no_number"     // field
	SayNoObject          Sentence = "field_no_object"     // field
	SayUnreadable        Sentence = "field_unreadable"    // field
	SayTooLong           Sentence = "field_too_long"      // field, bytes
	SayControl           Sentence = "field_control"       // field
	SayInside            Sentence = "inside_field"        // field, phrase
	SayDifferentCorps    Sentence = "different_corps"     // two fields
	SayTooManyRows       Sentence = "too_many_rows"       // field, rows
	SayRowNoObject       Sentence = "row_no_object"
	SayNoApp             Sentence = "no_app"
	SayForeignSuite      Sentence = "foreign_suite" // the suite inside, that of the envelope
	SayRowsApart         Sentence = "rows_apart"
)

// Why an event is stale.
const (
	SayTicketStored    Sentence = "ticket_stored"        // time
	SayCorpWithdrew    Sentence = "corp_withdrew"        // time
	SayAuthorizedAgain Sentence = "corp_authorized_anew" // time
	SayAppChanged      Sentence = "app_changed"          // time
)

// Which event is the newest in quarantine.
const (
	SayEventOfType Sentence = "event_of_type" // event, type, phrase
	SayEventNoType Sentence = "event_no_type" // event, phrase
)

// What happened to an authorisation, or why it does not go on.
const (
	SayCodeReceived      Sentence = "code_received"
	SayCodeReceivedNamed Sentence = "code_received_named"
	SayCodeStored        Sentence = "code_stored"
	SayWithdrawn         Sentence = "withdrawn"
	SayNoCodeYet         Sentence = "no_code_yet"
	SayCodeNeverCame     Sentence = "code_never_came"
	SayCodeOfAnother     Sentence = "code_of_another" // corp
	SayCorpNotNamed      Sentence = "corp_not_named"
	SayNoTicket          Sentence = "no_ticket"
	SayScopeChanged      Sentence = "scope_changed" // two phrases: what it was and is
	SayScope             Sentence = "scope"         // departments, users, fields of users, conditions
)

// How a call of DingTalk's API went.
const (
	SayCallFailed       Sentence = "call_failed"   // call, phrase
	SayCallAnswered     Sentence = "call_answered" // call, code, phrase
	SayNoMessage        Sentence = "no_message"
	SayBlocked          Sentence = "address_blocked"
	SayOwnLimit         Sentence = "own_limit"
	SayNoRequest        Sentence = "no_request"
	SayHTTPStatus       Sentence = "http_status" // status
	SayAnswerNoObject   Sentence = "answer_no_object"
	SayAnswerNoErrcode  Sentence = "answer_no_errcode"
	SayAnswerShape      Sentence = "answer_shape"
	SayAnswerShapeAt    Sentence = "answer_shape_at" // member
	SayAnswerLacks      Sentence = "answer_lacks"    // what
	SayAnswerNoLifetime Sentence = "answer_no_lifetime"
	SayAnswerTooLong    Sentence = "answer_too_long"       // bytes
	SayNoAnswerWithin   Sentence = "no_answer_within"      // duration
	SayNoAnswer         Sentence = "no_answer"             // what the system says
	SayNoAnswerRefused  Sentence = "no_answer_refused"     // the same, address
	SayNoAnswerName     Sentence = "no_answer_name"        // the same, host
	SayNoAnswerRoute    Sentence = "no_answer_route"       // the same
	SayNoAnswerEnded    Sentence = "no_answer_ended"       // the same
	SayNoAnswerTrust    Sentence = "no_answer_certificate" // the same
)

// Why events are not processed again any more.
const (
	SayServerStopped Sentence = "server_stopped"
	SayStoreFailed   Sentence = "store_failed"
)

// Whom a backup is encrypted for, and why there is none.
const (
	SayForMasterKey  Sentence = "for_master_key"
	SayForPassphrase Sentence = "for_passphrase"
	SayForRecipient  Sentence = "for_recipient"  // recipient
	SayForRecipients Sentence = "for_recipients" // recipient, how many more
	SayBackupNoRoom  Sentence = "backup_no_room" // folder, free, needed
	SayFileFailed    Sentence = "file_failed"    // what the system says, path, phrase
	SayDiskNoSpace   Sentence = "disk_no_space"  // what the system says
	SayDiskQuota     Sentence = "disk_quota"     // the same
	SayFileTooBig    Sentence = "file_too_big"   // the same
	SayFileDenied    Sentence = "file_denied"    // the same
	SayFileReadOnly  Sentence = "file_read_only" // the same
	SayFileMissing   Sentence = "file_missing"   // the same
	SayFileNoFolder  Sentence = "file_no_folder" // the same
	SayDiskBroken    Sentence = "disk_broken"    // the same
)

// What there is none of, and why a request was refused.
const (
	SayPath             Sentence = "such_path"
	SayPage             Sentence = "such_page"
	SayEvent            Sentence = "such_event"         // event
	SayAuthorization    Sentence = "such_authorization" // corp, suite
	SayReplay           Sentence = "such_repush"        // repush
	SayNoSuites         Sentence = "no_suites"
	SaySuitesMore       Sentence = "suites_and_more" // suites, how many more
	SayNoToken          Sentence = "no_token"
	SayTokenMalformed   Sentence = "token_malformed"
	SayTokenUnknown     Sentence = "token_unknown"
	SayWrongRole        Sentence = "wrong_role" // token, role, roles
	SayParameter        Sentence = "parameter"  // parameter, phrase
	SayNotWellFormed    Sentence = "not_well_formed"
	SayGivenTwice       Sentence = "given_twice"
	SayNoTimeOrPeriod   Sentence = "no_time_or_period"
	SayNoDuration       Sentence = "no_duration"
	SayNoUUID           Sentence = "no_uuid"
	SayAscendingOnly    Sentence = "ascending_only"
	SayForeignCursor    Sentence = "foreign_cursor"
	SayLimit            Sentence = "limit_out_of_range" // limit, most
	SayNoneOf           Sentence = "none_of"            // what, the value, those there are
	SaySearchTooLong    Sentence = "search_too_long"    // bytes
	SaySuiteMissing     Sentence = "suite_missing"
	SayWhichEvents      Sentence = "which_events"
	SayBadRecipient     Sentence = "bad_recipient"
	SayBodyNoJSON       Sentence = "body_no_json"
	SayStoreTakesNone   Sentence = "store_takes_nothing"
	SayRequestEnded     Sentence = "request_ended"
	SayCorpHasWithdrawn Sentence = "corp_has_withdrawn"
	SayNoCodeNoApp      Sentence = "no_code_no_app_id"
)

// sentences are all of them. {1} stands for the first value; ~{1} for one that
// is a phrase itself. English may say what the operating system said where
// Chinese says what that means.
var sentences = map[Sentence]Text{
	SayWords: {"{1}", "{1}"},

	SayNotJSON:           {ErrNotJSON.Error(), "解密后的内容不是 JSON 对象"},
	SayNameTwice:         {"a name stands twice in one JSON object", "同一个 JSON 对象中有重复的字段名"},
	SayInvalidUTF8:       {"the JSON holds invalid UTF-8", "JSON 中含有无效的 UTF-8"},
	SayMissing:           {"{1} is missing", "缺少 {1}"},
	SayBothMissing:       {"{1} or {2} is missing", "缺少 {1} 或 {2}"},
	SayMissingOrNoArray:  {"{1} is missing or no array", "缺少 {1}，或其值不是数组"},
	SayMissingOrNoString: {"{1} is missing or no string", "缺少 {1}，或其值不是字符串"},
	SayNoString:          {"{1} is no string", "{1} 不是字符串"},
	SayNoNumber:          {"{1} is no whole number", "{1} 不是整数"},
	SayNoObject:          {"{1} is no JSON object", "{1} 不是 JSON 对象"},
	SayUnreadable:        {"{1} is unreadable", "{1} 无法读取"},
	SayTooLong:           {"{1} is longer than {2} bytes", "{1} 超过 {2} 字节"},
	SayControl:           {"{1} holds control characters", "{1} 含有控制字符"},
	SayInside:            {"in {1}, ~{2}", "{1}：~{2}"},
	SayDifferentCorps:    {"{1} and {2} name different corps", "{1} 与 {2} 不是同一个企业"},
	SayTooManyRows:       {"{1} has more than {2} rows", "{1} 超过 {2} 行"},
	SayRowNoObject:       {"the row is no JSON object", "该行不是 JSON 对象"},
	SayNoApp:             {"the event names no app", "事件没有指明应用"},
	SayForeignSuite: {foreignSuite + "{1} inside, but its envelope was that of {2}",
		"事件内指明的套件是 {1}，但其信封属于 {2}"},
	SayRowsApart: {"its rows are stored as events of their own", "其中各行已分别保存为独立的事件"},

	SayTicketStored:    {"a ticket of {1} is stored already", "已保存有 {1} 的票据"},
	SayCorpWithdrew:    {"the corp withdrew at {1}", "企业已于 {1} 解除授权"},
	SayAuthorizedAgain: {"the corp authorised again at {1}", "企业已于 {1} 重新授权"},
	SayAppChanged:      {"the app was last changed at {1}", "该应用最近一次变更于 {1}"},

	SayEventOfType: {"event {1} of type {2}: ~{3}", "事件 {1}，类型 {2}：~{3}"},
	SayEventNoType: {"event {1}, without a type: ~{2}", "事件 {1}，没有类型：~{2}"},

	SayCodeReceived:      {"tmp_auth_code received", "已收到 tmp_auth_code"},
	SayCodeReceivedNamed: {"tmp_auth_code received; its exchange named the corp", "已收到 tmp_auth_code，换取永久授权码时得知所属企业"},
	SayCodeStored:        {"permanent code stored", "永久授权码已保存"},
	SayWithdrawn:         {"authorisation withdrawn by the corp", "企业已解除授权"},
	SayNoCodeYet:         {"the corp has authorised, but no tmp_auth_code has come", "企业已授权，但没有收到 tmp_auth_code"},
	SayCodeNeverCame: {"the corp has authorised the suite, but its tmp_auth_code never came here",
		"企业已授权该套件，但这里从未收到它的 tmp_auth_code"},
	SayCodeOfAnother: {"the tmp_auth_code that was pushed for it was that of corp {1}", "为它推送的 tmp_auth_code 属于企业 {1}"},
	SayCorpNotNamed: {"DingTalk gave a permanent code but did not say for which corp",
		"钉钉返回了永久授权码，但没有说明属于哪个企业"},
	SayNoTicket:     {"no suite_ticket has been received yet", "还没有收到过 suite_ticket"},
	SayScopeChanged: {"was ~{1}; is ~{2}", "原为：~{1}；现为：~{2}"},
	SayScope: {"departments {1}, users {2}, user fields {3}, conditions {4}",
		"部门 {1}，成员 {2}，成员字段 {3}，条件字段 {4}"},

	SayCallFailed:   {"{1}: ~{2}", "{1}：~{2}"},
	SayCallAnswered: {"{1}: DingTalk answered {2}: ~{3}", "{1}：钉钉返回 {2}：~{3}"},
	SayNoMessage:    {"no message", "没有说明"},
	SayBlocked: {"this server made too many calls, DingTalk blocks its address for some minutes",
		"本服务器调用过于频繁，钉钉已将其 IP 封禁数分钟"},
	SayOwnLimit:         {"our own rate limit left no room for the call in time", "受自身限流所限，未能及时发出调用"},
	SayNoRequest:        {"the request cannot be made", "无法构造请求"},
	SayHTTPStatus:       {"HTTP status {1}", "HTTP 状态码 {1}"},
	SayAnswerNoObject:   {"the answer is no JSON object", "应答不是 JSON 对象"},
	SayAnswerNoErrcode:  {"the answer's errcode is missing or no number", "应答中缺少 errcode，或其值不是数字"},
	SayAnswerShape:      {"the answer has another shape than documented", "应答的结构与文档不符"},
	SayAnswerShapeAt:    {"the answer has another shape than documented at {1}", "应答中 {1} 的结构与文档不符"},
	SayAnswerLacks:      {"the answer holds no {1}", "应答中没有 {1}"},
	SayAnswerNoLifetime: {"the answer does not say how long its token lives", "应答没有说明凭证的有效期"},
	SayAnswerTooLong:    {"the answer has more than {1} bytes", "应答超过 {1} 字节"},
	SayNoAnswerWithin:   {"no answer within {1}", "{1} 内没有应答"},
	SayNoAnswer:         {"no answer: {1}", "没有应答：{1}"},
	SayNoAnswerRefused:  {"no answer: {1}", "没有应答：{2} 拒绝连接"},
	SayNoAnswerName:     {"no answer: {1}", "没有应答：域名 {2} 解析失败"},
	SayNoAnswerRoute:    {"no answer: {1}", "没有应答：网络不可达"},
	SayNoAnswerEnded:    {"no answer: {1}", "没有应答：连接被中断"},
	SayNoAnswerTrust:    {"no answer: {1}", "没有应答：TLS 证书校验失败"},

	SayServerStopped: {"suitekeeper stopped; what was processed stays so, and it can be started again",
		"suitekeeper 已停止；已处理的部分保持有效，可以重新开始"},
	SayStoreFailed: {"the store could not be read or written; see the log", "存储无法读写，详见日志"},

	SayForMasterKey:  {"for the master key", "用主密钥加密"},
	SayForPassphrase: {"for a passphrase", "用口令加密"},
	SayForRecipient:  {"for {1}", "为 {1} 加密"},
	SayForRecipients: {"for {1} and {2} more", "为 {1} 和另外 {2} 个接收方加密"},
	SayBackupNoRoom: {"{1} has {2} left; with less than {3} no backup is made there",
		"{1} 剩余 {2}，不足 {3} 时不在那里备份"},
	SayFileFailed:   {"{1}", "{2}：~{3}"},
	SayDiskNoSpace:  {"{1}", "磁盘没有剩余空间"},
	SayDiskQuota:    {"{1}", "超出磁盘配额"},
	SayFileTooBig:   {"{1}", "超出文件大小限制"},
	SayFileDenied:   {"{1}", "没有访问权限"},
	SayFileReadOnly: {"{1}", "文件系统只读"},
	SayFileMissing:  {"{1}", "不存在"},
	SayFileNoFolder: {"{1}", "不是目录"},
	SayDiskBroken:   {"{1}", "磁盘读写出错"},

	SayPath:          {"such path; /openapi.json lists those that there are", "这样的路径；/openapi.json 列出了所有路径"},
	SayPage:          {"such page", "这样的页面"},
	SayEvent:         {"event {1}", "事件 {1}"},
	SayAuthorization: {"authorisation by corp {1} for suite {2}", "企业 {1} 对套件 {2} 的授权"},
	SayReplay:        {"repush {1}", "重新处理任务 {1}"},
	SayNoSuites:      {"none", "无"},
	SaySuitesMore:    {"{1} and {2} more", "{1} 等，另有 {2} 个"},
	SayNoToken: {"the request carries neither the header Authorization: Bearer <token> nor the session of a browser that is signed in to the console",
		"请求既没有携带请求头 Authorization: Bearer <令牌>，也没有已登录控制台的浏览器会话"},
	SayTokenMalformed: {"the header Authorization must be there once, as Bearer <token>", "请求头 Authorization 必须且只能出现一次，形式为 Bearer <令牌>"},
	SayTokenUnknown:   {"the token is none of this server's", "令牌不属于本服务器"},
	SayWrongRole:      {"the token {1} has the role {2}, and this is for {3}", "令牌 {1} 的角色是 {2}，而该操作只允许 {3}"},
	SayParameter:      {"{1}: ~{2}", "{1}：~{2}"},
	SayNotWellFormed:  {"it is not well-formed", "格式不正确"},
	SayGivenTwice:     {"it is given more than once", "重复出现"},
	SayNoTimeOrPeriod: {"expected a time of RFC 3339, as 2026-08-01T09:30:00Z, or how long ago, as 90m, 2h or 7d", "应为 RFC 3339 格式的时间，如 2026-08-01T09:30:00Z，或多久以前，如 90m、2h、7d"},
	SayNoDuration:     {"expected how long to wait, as 30s", "应为等待的时长，如 30s"},
	SayNoUUID:         {"expected an id, which is a UUID", "应为 UUID 形式的 ID"},
	SayAscendingOnly:  {"after and wait are for order=asc", "after 和 wait 只能与 order=asc 一起使用"},
	SayForeignCursor:  {"it was not given out for this list; leave it out to begin anew", "不是由该列表给出的；去掉它即可从头开始"},
	SayLimit:          {"limit is {1}, want 1 to {2}", "limit 为 {1}，应在 1 到 {2} 之间"},
	SayNoneOf:         {"there is no {1} {2}, only {3}", "{1} 不能是 {2}，只能是 {3}"},
	SaySearchTooLong:  {"the text to search for is longer than {1} bytes", "搜索的文字超过 {1} 字节"},
	SaySuiteMissing:   {"the suite is missing", "没有指明套件"},
	SayWhichEvents: {"it is missing; give the suite whose events are meant, or failed: true for what failed in every suite",
		"没有指明；请给出要处理其事件的套件，或用 failed: true 处理所有套件中失败的内容"},
	SayBadRecipient:     {"a recipient is not one of age; they begin with age1, as age-keygen prints them", "接收方不是 age 的公钥；它以 age1 开头，由 age-keygen 给出"},
	SayBodyNoJSON:       {"the body must be JSON, sent with Content-Type: application/json", "请求体必须是 JSON，并带有 Content-Type: application/json"},
	SayStoreTakesNone:   {"the store takes nothing now", "存储目前无法写入"},
	SayRequestEnded:     {"it ended before the answer was there", "在得到结果之前请求已结束"},
	SayCorpHasWithdrawn: {"the corp has withdrawn", "企业已解除授权"},
	SayNoCodeNoApp: {"no code is left to exchange, and without app_id DingTalk cannot be asked for a new one",
		"没有可以兑换的授权码，而且没有配置 app_id，无法请钉钉重新推送"},
}
