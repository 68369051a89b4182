-- Events that a system announced itself, among the many that movements make: found in a moment on every walk.

create index trace_event_announced on trace_event (id) where fact_id is null;
