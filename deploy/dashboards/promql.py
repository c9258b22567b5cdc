"""The query of Prometheus for what a panel shows. Pure."""

from deploy.dashboards.shown import (
    RECENT,
    Count,
    Duration,
    Elsewhere,
    Joined,
    Level,
    Share,
    Shown,
    Silence,
    Until,
    Where,
)


def query(shown: Shown) -> str:
    """Write it in PromQL."""
    match shown:
        case Level() | Until():
            left = " - time()" if isinstance(shown, Until) else ""
            return _grouped(shown.joined, shown.by, shown.metric) + left
        case Silence():
            share = f"(time() - {shown.metric}) / {shown.limit}"
            return _grouped(Joined.GREATEST, shown.by, share)
        case Count():
            return _grouped(Joined.SUM, shown.by, _rise(shown))
        case Duration():
            rate = f"rate({shown.metric}_bucket[{RECENT}])"
            return f"histogram_quantile(0.95, {_grouped(Joined.SUM, (*shown.by, 'le'), rate)})"
        case Share():
            within = _selected(f"{shown.metric}_bucket", shown.where, f'le="{shown.within}"')
            all_of_them = _selected(f"{shown.metric}_count", shown.where)
            rates = (f"rate({one}[{RECENT}])" for one in (within, all_of_them))
            return " / ".join(_grouped(Joined.SUM, shown.by, rate) for rate in rates)
        case Elsewhere():
            return shown.query


def _grouped(joined: Joined, by: tuple[str, ...], inner: str) -> str:
    if not by:
        return f"{joined}({inner})"
    return f"{joined} by ({', '.join(by)}) ({inner})"


def _rise(count: Count) -> str:
    how = "rate" if count.a_second else "increase"
    return f"{how}({_selected(count.metric, count.where)}[{count.over}])"


def _selected(metric: str, where: Where | None, *more: str) -> str:
    labels = [*([f'{where.label}=~"{where.pattern}"'] if where else []), *more]
    return f"{metric}{{{','.join(labels)}}}" if labels else metric
