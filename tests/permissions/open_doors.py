"""The pages and operations that lead to no act of the table, each with the reason."""

LAW = "依法公开的内容"
CERTIFICATE = "持有证书编号的人都可以查验，不含使用单位"
FILE = "核验访问者自己的文件，不保存"
LOG = "透明日志供任何人核对"
LABEL = "器具标签上的内容，不含使用单位"
RULES = "规程与空白表格，不含任何人的数据"
INBOX = "本人的收件箱"
RULES_OF_CREDIT = "公布的信用规则，任何人可以据以重新计算"
TYPED = "访问者自己交来的内容"

PUBLIC = {
    "front": LAW,
    "regulations": RULES,
    "regulation": RULES,
    "check": FILE,
    "offline-check": FILE,
    "log": LOG,
    "log-trust": LOG,
    "log-root": LOG,
    "log-checkpoint": LOG,
    "log-standing": LOG,
    "log-tile": LOG,
    "tsa": "为任何人加盖时间戳",
    "instruments-label": LABEL,
    "certificate": CERTIFICATE,
    "catalogue": LAW,
    "catalogue-entry": LAW,
    "qualifications-authorised": LAW,
    "qualifications-coverage": LAW,
    "credit-find": LAW,
    "indicators": LAW,
    "indicators-one": LAW,
    "credit-grade": LAW,
    "credit-file": LAW,
    "credit-rules": RULES_OF_CREDIT,
    "credit-rule": RULES_OF_CREDIT,
    "credit-rule-file": RULES_OF_CREDIT,
    "GET /credit/grades/{credit_code}": LAW,
    "GET /credit/rules/{int:version}": RULES_OF_CREDIT,
    "approvals-types": LAW,
    "approvals-type": LAW,
    "approvals-compare": TYPED,
    "approvals-statement": LOG,
    "approvals-edition-file": LOG,
    "approvals-withdrawal-file": LOG,
    "standards-published-list": LAW,
    "standards-published": LAW,
    "GET /certificates/{number}": CERTIFICATE,
    "POST /check": FILE,
    "GET /regulations": RULES,
    "POST /evaluate": TYPED,
    "POST /workbooks": TYPED,
    "GET /instruments/tags/{tag}": LABEL,
    "GET /published-standards": LAW,
    "GET /type-approvals": LAW,
    "GET /type-approvals/{number}": LAW,
    "GET /type-approvals/{number}/check": LAW,
    "GET /type-approvals/{number}/software": LAW,
    "GET /type-approvals/{number}/software/compare": TYPED,
    "GET /catalogue": LAW,
    "GET /catalogue/{code}": LAW,
    "GET /authorised-institutes": LAW,
    "GET /coverage": LAW,
}
SIGNED_IN = {
    "approvals": "转到本人的工作列表",
    "choose": "本人获得授权的规程",
    "template": RULES,
    "readings": TYPED,
    "upload": TYPED,
    "preview": "本人填写的内容，用本机构的计量标准评定",
    "instruments-labels": "本人所经办单位的器具",
    "reminders-seen": INBOX,
    "reminders-by-mail": INBOX,
}
