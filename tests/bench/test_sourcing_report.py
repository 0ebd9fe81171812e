"""What is written of the comparison: numbers that follow from the decisions, and files that can be read."""

from __future__ import annotations

from xml.etree import ElementTree

import run
import sourcing
import sourcing_report
from sourcing_methods import METHODS
from sourcing_plot import Point, svg
from sourcing_set import NODES


def test_figures_tell_the_unproven_apart():
    runs = [
        sourcing.Run(shipments=1, days=2, above=0.0, cpu_us=10, proven=True),
        sourcing.Run(shipments=3, days=4, above=0.5, cpu_us=30, proven=False),
        sourcing.Run(shipments=2, days=3, above=0.0, cpu_us=20, proven=False),
    ]
    found = sourcing_report.figures(runs, unended_us=[40])
    assert (found["instances"], found["not_ended"]) == (4, 1)
    assert found["proven_percent"] == 25
    assert (found["shipments"], found["days"]) == (2, 3)
    assert found["above_percent"]["max"] == 50
    assert found["cpu_us"]["p50"] == 20
    assert found["unproven"]["instances"] == 2
    assert found["unproven"]["not_optimal"] == 1
    assert found["unproven"]["above_percent"]["mean"] == 25


def test_a_comparison_is_written_as_three_files_that_can_be_read(tmp_path):
    comparison = sourcing.compare([100], 2, highs_sample=1, say=lambda text: None)
    more = {"seconds": 1, "highs": {"instances_per_cell": 1, "seconds": 1.0}}
    paths = sourcing_report.write(comparison, tmp_path, more=more)
    assert [path.name for path in paths] == ["sourcing.json", "sourcing.md", "sourcing.svg"]
    for method in (*METHODS, sourcing.HIGHS):
        assert all(method in path.read_text(encoding="utf-8") for path in paths)
    picture = ElementTree.parse(paths[2]).getroot()
    assert picture.tag.endswith("svg")
    assert all("href" not in name for element in picture.iter() for name in element.attrib), "it needs no other file"
    exact = [run for each in comparison.runs if each.method == sourcing.HIGHS for run in each.runs]
    assert exact
    assert all(run.above == 0 for run in exact if run.proven)


def test_no_dot_of_the_plot_is_outside_of_it():
    points = [Point("promessa", nodes, 0.1, 0.0) for nodes in NODES] + [Point("HiGHS", 100, 1e9, 123.4)]
    for circle in ElementTree.fromstring(svg(points, "")).iter("{http://www.w3.org/2000/svg}circle"):
        assert 0 < float(circle.get("cx")) < 800
        assert 0 < float(circle.get("cy")) < 460


def test_every_figure_of_decisions_that_the_runner_knows_is_measured():
    import bench_decisions

    names = {name for name, module in run.MEASURES.items() if module == "bench_decisions"}
    latencies = {
        f"kernel_{mode}_{nodes}x{lines}_{rank}"
        for mode in bench_decisions.MODES
        for nodes in NODES
        for lines in bench_decisions.NUMBERS
        for rank in ("p50", "p99")
    }
    assert latencies < names
    assert len(names - latencies) == 6
