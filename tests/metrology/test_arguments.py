import numpy as np
import pytest

from yuejingzhun.metrology import arguments
from yuejingzhun.metrology.arguments import ArgumentError


@pytest.mark.parametrize(
    ("check", "found", "message"),
    [
        (lambda x: arguments.finite("x", x), [1.0, np.nan], "x：应为有限的数，第 2 个为 nan"),
        (lambda x: arguments.finite("x", x), ["a"], "x：应为数，或等长的数列"),
        (lambda x: arguments.finite("x", x), [[1.0], [1.0, 2.0]], "x：应为数，或等长的数列"),
        (lambda x: arguments.positive("u", x), 0.0, "u：应大于零，为 0"),
        (lambda x: arguments.positive("u", x), [[1.0, 2.0], [1.0, -2.0]], "u：应大于零，第 2、2 个为 -2"),
        (lambda x: arguments.not_negative("u", x), [-1e-300], "u：不应为负，第 1 个为 -1e-300"),
        (lambda x: arguments.within("x", x, 0, 1), [0.0, 1.5], "x：应在 0 与 1 之间，第 2 个为 1.5"),
        (lambda x: arguments.probability("p", x), 1.0, "p：应在 0 与 1 之间（不含两端），为 1"),
        (lambda x: arguments.whole("n", x, 2), 2.5, "n：应为不小于 2 的整数，为 2.5"),
        (lambda x: arguments.at_least("x", np.array(x), 3, "个参加者"), [1.0, 2.0], "x：至少需要 3 个参加者，只有 2"),
        (lambda x: arguments.correlation_matrix("r", x, 2), [[1.0, 0.5], [0.4, 1.0]], "r：矩阵应对称"),
        (lambda x: arguments.correlation_matrix("r", x, 2), [[1.0, 2.0], [2.0, 1.0]], "r：相关系数应在 -1 与 1 之间"),
        (lambda x: arguments.correlation_matrix("r", x, 2), [[2.0, 0.0], [0.0, 1.0]], "r：相关系数矩阵的对角线应为 1"),
        (lambda x: arguments.correlation_matrix("r", x, 3), np.eye(2), "r：应为 3 × 3 的矩阵，形状为 (2, 2)"),
    ],
)
def test_what_is_wrong_is_named(check: object, found: object, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        check(found)  # type: ignore[operator]
    assert str(caught.value) == message


def test_no_correlations_that_can_not_be_together() -> None:
    with pytest.raises(ArgumentError, match=r"^r：矩阵应半正定，最小特征值为 -"):
        arguments.correlation_matrix("r", [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]], 3)
    with pytest.raises(ArgumentError, match="半正定"):
        arguments.covariance_matrix("c", [[1e-12, 2e-12], [2e-12, 1e-12]], 2)
    assert arguments.correlation_matrix("r", np.ones((3, 3)), 3).shape == (3, 3)


def test_shapes_that_do_not_fit_are_named_together() -> None:
    x, u = arguments.matching(x=np.zeros((4, 3)), u=np.ones(3))
    assert x.shape == u.shape == (4, 3)
    with pytest.raises(ArgumentError, match=r"^x、u：形状不一致：\(2,\)、\(3,\)$"):
        arguments.matching(x=np.zeros(2), u=np.ones(3))
