"""Numbers and matrices made of matrices and vectors."""

from __future__ import annotations

from typing import Any

from torch_layers import Comparison
from torch_layers.draws import Draw, booleans, normal, uniform

SQUARE, WIDE = normal(4, 4), normal(3, 4)
SYSTEM: dict[str, Draw] = {"A": WIDE, "x": normal(4), "b": normal(3)}
FACTORS: dict[str, Draw] = {"X": WIDE, "U": normal(3, 2), "V": normal(2, 4)}


def squared(torch: Any, value: Any) -> Any:
    return torch.linalg.vector_norm(value) ** 2


def residual(torch: Any, v: dict[str, Any]) -> Any:
    return torch.addmv(-v["b"], v["A"], v["x"])


def positive(*shape: int) -> Draw:
    """A positive definite matrix."""
    draw = normal(*shape)

    def one(rng: Any) -> Any:
        matrix = draw(rng)
        return matrix @ matrix.T

    return one


def mahalanobis(torch: Any, v: dict[str, Any]) -> Any:
    u = v["x"] - v["mu"]
    return torch.sqrt(torch.nn.functional.bilinear(u, u, v["P"][None])[..., 0])


def dirichlet(torch: Any, v: dict[str, Any]) -> Any:
    """By the Laplacian of the graph with both directions of each edge."""
    both = (v["w"] + v["w"].T) / 2
    laplacian = torch.diag(both.sum(1)) - both
    return torch.trace(v["X"].T @ laplacian @ v["X"]) / 2


def householder(torch: Any, v: dict[str, Any]) -> Any:
    unit = torch.nn.functional.normalize(v["v"], dim=0)
    return v["x"] @ (torch.eye(4, dtype=torch.float64) - 2 * torch.outer(unit, unit))


def horner(torch: Any, v: dict[str, Any]) -> Any:
    y = torch.zeros_like(v["x"])
    for coefficient in v["c"].flip(0):
        y = y * v["x"] + coefficient
    return y


LAYERS: dict[str, Comparison] = {
    "trace": (lambda torch, v: torch.trace(v["A"]), {"A": SQUARE}, "torch"),
    "trace_product": (lambda torch, v: torch.trace(v["A"].T @ v["B"]), {"A": WIDE, "B": WIDE}, "formula"),
    "frobenius_norm": (lambda torch, v: torch.linalg.matrix_norm(v["A"]), {"A": WIDE}, "torch"),
    "quadratic_form": (lambda torch, v: v["x"] @ v["A"] @ v["x"], {"x": normal(4), "A": SQUARE}, "formula"),
    "bilinear_form": (
        lambda torch, v: torch.nn.functional.bilinear(v["x"], v["y"], v["A"][None])[0],
        {"x": normal(3), "A": WIDE, "y": normal(4)},
        "torch",
    ),
    "rayleigh_quotient": (
        lambda torch, v: (v["x"] @ v["A"] @ v["x"]) / torch.dot(v["x"], v["x"]),
        {"A": SQUARE, "x": normal(4)},
        "formula",
    ),
    "gram": (lambda torch, v: v["X"].T @ v["X"], {"X": WIDE}, "formula"),
    "covariance": (lambda torch, v: torch.cov(v["X"].T), {"X": normal(6, 4)}, "torch"),
    "mahalanobis_distance": (mahalanobis, {"x": normal(2, 3, 4), "mu": normal(4), "P": positive(4, 6)}, "formula"),
    "least_squares": (lambda torch, v: squared(torch, residual(torch, v)) / 2, SYSTEM, "formula"),
    "ridge_regression": (
        lambda torch, v: (squared(torch, residual(torch, v)) + v["penalty"] * squared(torch, v["x"])) / 2,
        SYSTEM | {"penalty": uniform(0.1, 1)},
        "formula",
    ),
    "matrix_factorization": (lambda torch, v: squared(torch, v["X"] - v["U"] @ v["V"]) / 2, FACTORS, "formula"),
    "masked_factorization": (
        lambda torch, v: squared(torch, (v["X"] - v["U"] @ v["V"])[v["known"]]) / 2,
        FACTORS | {"known": booleans(3, 4)},
        "formula",
    ),
    "reconstruction_error": (
        lambda torch, v: squared(torch, v["X"] - v["X"] @ (v["W"] @ v["W"].T)) / 6,
        {"X": normal(6, 4), "W": normal(4, 2)},
        "formula",
    ),
    "orthogonality_penalty": (
        lambda torch, v: squared(torch, v["W"].T @ v["W"] - torch.eye(3, dtype=torch.float64)),
        {"W": normal(4, 3)},
        "formula",
    ),
    "dirichlet_energy": (dirichlet, {"X": normal(5, 3), "w": uniform(0, 1, 5, 5)}, "formula"),
    "congruence": (lambda torch, v: torch.linalg.multi_dot([v["A"], v["X"], v["A"].T]), {"A": WIDE, "X": SQUARE}, "torch"),
    "commutator": (lambda torch, v: v["A"] @ v["B"] - v["B"] @ v["A"], {"A": SQUARE, "B": SQUARE}, "formula"),
    "matrix_square": (lambda torch, v: torch.linalg.matrix_power(v["A"], 2), {"A": SQUARE}, "torch"),
    "symmetric_part": (lambda torch, v: (v["A"] + v["A"].T) / 2, {"A": SQUARE}, "formula"),
    "householder": (householder, {"x": normal(2, 3, 4), "v": normal(4)}, "formula"),
    "power_iteration": (
        lambda torch, v: torch.nn.functional.normalize(torch.mv(v["A"], v["v"]), dim=0),
        {"A": WIDE, "v": normal(4)},
        "formula",
    ),
    "polynomial": (horner, {"x": normal(2, 3), "c": normal(5)}, "formula"),
}
