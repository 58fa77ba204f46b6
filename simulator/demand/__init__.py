"""What we will run, not only what we ran: dated workloads that add, change or retire usage before any lever sees it."""

from simulator.demand.demand import Demand
from simulator.demand.registry import all_workloads, from_dict
from simulator.demand.workload import Workload

__all__ = ["Demand", "Workload", "all_workloads", "from_dict"]
