"""What is shown when something can't be shown."""

from collections.abc import Callable

from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError

UNUSABLE_TEXT = "填写的内容含有不能保存的字符，或者过长；没有保存任何内容，请修改后重新提交。"


def explain_refusals(respond: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a missing right becomes a page that says which one."""

    class Explained:
        def __call__(self, request: HttpRequest) -> HttpResponse:
            return respond(request)

        def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
            if isinstance(error, DataError | UnicodeEncodeError):
                return unusable(request)
            return forbidden(request, error) if isinstance(error, NotPermittedError) else None

    return Explained()


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    text = str(exception) if any("一" <= character <= "鿿" for character in str(exception)) else "没有这个页面"
    return _answer(request, "没有找到", text, 404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    text = str(exception) if isinstance(exception, NotPermittedError) else "没有权限，或页面已过期，请返回重试"
    return _answer(request, "不能办理", text, 403)


def unusable(request: HttpRequest) -> HttpResponse:
    """400: text that no database can hold, such as a NUL; the transaction has been undone."""
    return _answer(request, "不能读取", UNUSABLE_TEXT, 400)


def forbidden_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token."""
    text = "页面已过期或浏览器禁用了 Cookie，请返回、刷新后重新提交"
    return _answer(request, "表单已过期", text, 403)


def broken(request: HttpRequest) -> HttpResponse:
    """500: nobody should ever see it, but if so, in Chinese."""
    text = "程序出错，已记录。您填写的内容没有提交，请返回重试。"
    return _answer(request, "出错了", text, 500)


def _answer(request: HttpRequest, title: str, text: str, status: int) -> HttpResponse:
    if request.path.startswith("/api/"):
        # Not by the interface itself: no operation has that address, or it never came so far.
        shape = {"message": text, "problems": []}
        return JsonResponse(shape, status=status, json_dumps_params={"ensure_ascii": False})
    return render(request, "error.html", {"title": title, "text": text}, status=status)
