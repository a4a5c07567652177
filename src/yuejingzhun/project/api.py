"""The JSON interface `/api/v1`, and how it refuses: one shape, in Chinese, with the status that fits."""

from typing import Any

from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from yuejingzhun.platform.foundation.accounts.scopes import declare_scopes
from yuejingzhun.platform.foundation.accounts.signed_in import SignedIn
from yuejingzhun.platform.foundation.jobs.api import router as long_tasks
from yuejingzhun.platform.foundation.jobs.errors import TaskError, UnknownTaskError
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError, UnknownPartyError
from yuejingzhun.platform.foundation.tables.columns import MappingError
from yuejingzhun.platform.foundation.tables.table import TableError
from yuejingzhun.platform.operations.certificates.api import router as certificates
from yuejingzhun.platform.operations.certificates.errors import CertificateError, UnknownCertificateError
from yuejingzhun.platform.operations.mandatory.api import router as mandatory
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError, UnknownApplicationError
from yuejingzhun.platform.operations.metering.api import router as metering
from yuejingzhun.platform.operations.metering.errors import MeteringError, UnknownEvaluationError
from yuejingzhun.platform.operations.verification.api import router as verification
from yuejingzhun.platform.operations.verification.errors import UnknownJobError, VerificationError
from yuejingzhun.platform.registry.approvals.api import router as approvals
from yuejingzhun.platform.registry.approvals.errors import ApprovalError, UnknownApprovalError
from yuejingzhun.platform.registry.catalogue.api import router as catalogue
from yuejingzhun.platform.registry.instruments.api import router as instruments
from yuejingzhun.platform.registry.instruments.errors import InstrumentError, UnknownInstrumentError
from yuejingzhun.platform.registry.instruments.transfer_api import router as transfers
from yuejingzhun.platform.registry.qualifications.api import router as qualifications
from yuejingzhun.platform.registry.standards.api import router as standards
from yuejingzhun.platform.registry.standards.errors import StandardNotUsableError
from yuejingzhun.platform.registry.traceability.api import router as traceability
from yuejingzhun.platform.registry.traceability.errors import TraceabilityError, UnknownItemError
from yuejingzhun.procedures.catalogue import UnknownRegulationError
from yuejingzhun.procedures.record import RecordError
from yuejingzhun.procedures.workbook.read import WorkbookError
from yuejingzhun.project.errors import UNUSABLE_TEXT

STATUSES: dict[type[Exception], int] = {
    NotPermittedError: 403,
    UnknownCertificateError: 404,
    UnknownJobError: 404,
    UnknownApplicationError: 404,
    VerificationError: 409,
    MandatoryError: 409,
    UnknownEvaluationError: 404,
    MeteringError: 409,
    CertificateError: 409,
    StandardNotUsableError: 422,
    UnknownPartyError: 422,
    UnknownRegulationError: 422,
    UnknownInstrumentError: 404,
    UnknownItemError: 404,
    UnknownApprovalError: 404,
    ApprovalError: 409,
    UnknownTaskError: 404,
    TaskError: 409,
    TableError: 422,
    MappingError: 422,
    TraceabilityError: 422,
}
# Of the kinds of error that pydantic knows, those that this interface can raise.
EXPECTED = {
    "missing": "必须给出",
    "string_type": "应为字符串",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "dict_type": "应为对象",
    "model_attributes_type": "应为对象",
    "decimal_type": "应为数",
    "decimal_parsing": "应为数",
    "decimal_max_digits": "位数过多",
    "decimal_max_places": "小数位数过多",
    "decimal_whole_digits": "过大",
    "finite_number": "应为有限的数",
    "float_parsing": "应为数",
    "float_type": "应为数",
    "literal_error": "不是可选的值",
    "too_short": "过少",
    "too_long": "过多",
    "date_type": "应为 年-月-日",
    "date_parsing": "应为 年-月-日",
    "date_from_datetime_parsing": "应为 年-月-日",
    "date_from_datetime_inexact": "应为 年-月-日",
    "string_too_long": "过长",
    "greater_than_equal": "过小",
    "less_than_equal": "过大",
    "int_parsing_size": "过大",
    "string_unicode": "含有不是字符的编码",
}

api = NinjaAPI(
    title="粤精准接口",
    version="1",
    description="与页面相同的业务：查证书、验文件、提交记录、核验、批准、撤销。"
    "程序用接口令牌（Authorization: Bearer），也可用会话；没有双重验证的账户还可用 HTTP Basic。",
    docs_url=None,
    urls_namespace="api-v1",
)
api.add_router("", certificates)
api.add_router("", verification)
api.add_router("", long_tasks)
api.add_router("", transfers)
api.add_router("", instruments)
api.add_router("", standards)
api.add_router("", traceability)
api.add_router("", catalogue)
api.add_router("", qualifications)
api.add_router("", approvals)
api.add_router("", mandatory)
api.add_router("", metering)

declare_scopes(api, SignedIn)


def refusal(message: str, status: int, problems: tuple[str, ...] = ()) -> JsonResponse:
    """The one shape of every refusal."""
    content = {"message": message, "problems": list(problems)}
    return JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False})


def _explain(status: int) -> Any:
    return lambda _request, error: refusal(str(error), status)


for _kind, _status in STATUSES.items():
    api.add_exception_handler(_kind, _explain(_status))


@api.exception_handler(RecordError)
def _wrong_record(request: HttpRequest, error: RecordError) -> HttpResponse:
    problems = tuple(problem.message for problem in error.problems)
    return refusal(f"记录有 {len(problems)} 处要改", 422, problems)


@api.exception_handler(InstrumentError)
def _wrong_filing(request: HttpRequest, error: InstrumentError) -> HttpResponse:
    return refusal(f"器具有 {len(error.problems)} 处要改", 422, error.problems)


@api.exception_handler(WorkbookError)
def _wrong_workbook(request: HttpRequest, error: WorkbookError) -> HttpResponse:
    problems = tuple(map(str, error.problems))
    return refusal(f"工作簿有 {len(problems)} 处要改", 422, problems)


@api.exception_handler(ValidationError)
def _wrong_form(request: HttpRequest, error: ValidationError) -> HttpResponse:
    problems = tuple(_problem(found) for found in error.errors)
    return refusal(f"请求有 {len(problems)} 处要改", 422, problems)


@api.exception_handler(AuthenticationError)
def _nobody(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return refusal("请先登录，或给出接口令牌（Bearer），或正确的用户名和密码（HTTP Basic）", 401)


@api.exception_handler(DataError)
@api.exception_handler(UnicodeEncodeError)
def _unusable(request: HttpRequest, error: Exception) -> HttpResponse:
    return refusal(UNUSABLE_TEXT, 400)


@api.exception_handler(HttpError)
def _wrong_request(request: HttpRequest, error: HttpError) -> HttpResponse:
    chinese = any("一" <= character <= "鿿" for character in str(error))
    return refusal(str(error) if chinese else "请求无法读取：应为 UTF-8 编码的 JSON", error.status_code)


def _problem(found: dict[str, Any]) -> str:
    # The first is where in the request it stands, the second the name that the view gives the whole body.
    where = ".".join(str(part) for part in found["loc"] if part not in ("body", "query", "path", "file")) or "请求"
    return f"{where}：{EXPECTED.get(found['type'], '不是所要的值')}"
