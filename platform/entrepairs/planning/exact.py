"""The exact solver on a piece: HiGHS with the tight model. Imported only in the engine's own processes."""

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np

from entrepairs.planning.limits import Limits
from entrepairs.planning.pieces import Piece
from entrepairs.planning.problem import Whole, whole
from entrepairs.planning.rows import Model, Reals, model_of


@dataclass(frozen=True, eq=False)
class Found:
    """Options taken (None: the solver found no plan within its limits) and the points no plan of the piece goes beyond."""

    taken: Whole | None
    bound: float
    proven: bool
    effort: int = 0
    """Iterations of the simplex."""


Progress = Callable[[Whole | None, float], bool]
"""Told of a better plan (or None) and of the bound in points; answers whether to stop."""


def best_of(piece: Piece, limits: Limits, *, start: Whole | None = None, watch: Progress | None = None) -> Found:
    """The best options of a piece. `start`: options taken today, a first plan for the solver."""
    if not len(piece.options):
        return Found(whole([]), 0.0, proven=True)
    model = model_of(piece)
    solver = loaded(model)
    _limit(solver, limits)
    if start is not None:
        _start_from(solver, model, piece, start)
    _watch(solver, model, piece, limits, watch)
    solver.run()
    info, status = solver.getInfo(), solver.getModelStatus()
    proven = status == highspy.HighsModelStatus.kOptimal
    has_plan = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    taken = _taken(piece, np.asarray(solver.getSolution().col_value)) if has_plan else None
    return Found(taken, float(info.mip_dual_bound) + model.constant, proven, int(info.simplex_iteration_count))


def loaded(model: Model, *, whole_numbers: bool = True) -> highspy.Highs:
    """A solver holding the model, one thread, silent."""
    solver: highspy.Highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (("output_flag", False), ("threads", 1), ("parallel", "off")):
        solver.setOptionValue(name, value)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.gain), len(model.low)
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.gain, np.zeros(len(model.gain)), model.upper
    lp.row_lower_, lp.row_upper_ = model.low, model.high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = model.start, model.column
    lp.a_matrix_.value_ = model.coefficient
    if whole_numbers:
        hours = len(model.gain) - model.whole_columns
        kinds = highspy.HighsVarType
        lp.integrality_ = [kinds.kInteger] * model.whole_columns + [kinds.kContinuous] * hours
    solver.passModel(lp)
    return solver


def _limit(solver: highspy.Highs, limits: Limits) -> None:
    solver.setOptionValue("mip_rel_gap", limits.gap)
    solver.setOptionValue("mip_abs_gap", 1e-4)
    if limits.nodes is not None:
        solver.setOptionValue("mip_max_nodes", limits.nodes)
    if limits.stalls is not None:
        solver.setOptionValue("mip_max_stall_nodes", limits.stalls)
    if limits.seconds is not None:
        solver.setOptionValue("time_limit", float(limits.seconds))


def columns_of(model: Model, piece: Piece, taken: Whole) -> Reals:
    """The model's columns for the options taken."""
    values = np.zeros(len(model.gain))
    places = np.searchsorted(piece.options, taken)
    values[places] = 1.0
    asked = np.searchsorted(piece.requests, piece.problem.option_request[taken])
    full = np.bincount(asked, minlength=len(piece.requests)) == piece.seats
    values[model.served_of[full & (model.served_of >= 0)]] = 1.0
    minutes = piece.problem.minutes[piece.problem.option_request[taken]]
    at = np.searchsorted(piece.peers, piece.problem.option_peer[taken])
    hours = np.bincount(at, weights=minutes, minlength=len(piece.peers)) / 60
    values[model.whole_columns :] = np.maximum(0.0, hours - piece.target / 60_000)
    return values


def _start_from(solver: highspy.Highs, model: Model, piece: Piece, start: Whole) -> None:
    solution = highspy.HighsSolution()
    solution.col_value = columns_of(model, piece, start).tolist()
    solution.value_valid = True
    solver.setSolution(solution)


def _taken(piece: Piece, values: Reals) -> Whole:
    return piece.options[values[: len(piece.options)] > 0.5]


def _watch(solver: highspy.Highs, model: Model, piece: Piece, limits: Limits, watch: Progress | None) -> None:
    told: Progress = watch or (lambda _taken, _bound: False)

    def improved(event: highspy.HighsCallbackEvent) -> None:
        values = np.asarray(event.data_out.mip_solution)
        told(_taken(piece, values), float(event.data_out.mip_dual_bound) + model.constant)

    def asked(event: highspy.HighsCallbackEvent) -> None:
        enough = limits.iterations is not None and event.data_out.simplex_iteration_count > limits.iterations
        stop = told(None, float(event.data_out.mip_dual_bound) + model.constant)
        if event.data_in is not None:
            event.data_in.user_interrupt = enough or stop

    if watch is not None:
        solver.cbMipImprovingSolution.subscribe(improved)
    if watch is not None or limits.iterations is not None:
        solver.cbMipInterrupt.subscribe(asked)
