//! The events that everybody delivers: START and COMPLETE of a dbt model's run, as plain structs.

use self::model::{
    Column, ColumnLineage, Input, Job, JobFacets, JobType, NominalTime, Output, OutputFacets, OutputStatistics,
    PRODUCER, Parent, ParentJob, ParentRun, ProcessingEngine, Run, RunFacets, Schema, Source, Sources, Sql, Statistics,
};

pub(crate) use self::model::Event;

pub(crate) mod model;
pub(crate) mod typed;

const SCHEMA_URL: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
const NAMESPACE: &str = "snowflake://xy12345.eu-west-1";
const OUTPUT: &str = "analytics.marts.fct_daily_orders";
const INPUTS: [&str; 3] =
    ["analytics.staging.stg_orders", "analytics.staging.stg_customers", "analytics.staging.stg_payments"];
const COLUMNS: [(&str, &str); 14] = [
    ("order_id", "NUMBER"),
    ("customer_id", "NUMBER"),
    ("customer_name", "VARCHAR"),
    ("ordered_at", "TIMESTAMP_NTZ"),
    ("order_date", "DATE"),
    ("status", "VARCHAR"),
    ("currency", "VARCHAR"),
    ("subtotal", "NUMBER"),
    ("tax", "NUMBER"),
    ("discount", "NUMBER"),
    ("total", "NUMBER"),
    ("payment_method", "VARCHAR"),
    ("is_first_order", "BOOLEAN"),
    ("loaded_at", "TIMESTAMP_NTZ"),
];
/// Output column, place of its input, input column.
const LINEAGE: [(&str, usize, &str); 3] =
    [("order_id", 0, "id"), ("customer_name", 1, "full_name"), ("total", 2, "amount")];
const SQL: &str = "select order_id, full_name, total from staging.stg_orders o join staging.stg_customers using \
    (customer_id) join staging.stg_payments using (order_id)";

impl Event {
    /// START and COMPLETE of run `number`. Runs differ only in their ids, so all pairs are of one size.
    pub(crate) fn pair(number: usize) -> [Self; 2] {
        let start = Self {
            event_type: "START",
            event_time: "2026-03-02T05:00:03.114208Z".to_owned(),
            producer: PRODUCER.to_owned(),
            schema_url: SCHEMA_URL.to_owned(),
            run: run(number),
            job: job(),
            inputs: INPUTS.map(input).into(),
            outputs: Vec::new(),
        };
        let complete = Self {
            event_type: "COMPLETE",
            event_time: "2026-03-02T05:01:47.902311Z".to_owned(),
            outputs: vec![output()],
            ..start.clone()
        };
        [start, complete]
    }

    /// START of so many runs, then COMPLETE of all: what a program with many runs at once has to say.
    pub(crate) fn waves(runs: usize) -> Vec<Self> {
        let (mut events, completes): (Vec<Self>, Vec<Self>) = (0..runs).map(Self::pair).map(<(_, _)>::from).unzip();
        events.extend(completes);
        events
    }
}

fn run(number: usize) -> Run {
    let parent_run = ParentRun { run_id: "019cad2e-6f00-7a10-8000-0123456789ab".to_owned() };
    let parent_job = ParentJob { namespace: "dbt".to_owned(), name: "dbt-run-daily_orders".to_owned() };
    Run {
        run_id: format!("019cad2e-7f40-7c31-9000-{number:012x}"),
        facets: RunFacets {
            parent: Parent::new(parent_run, parent_job),
            nominal_time: NominalTime::new("2026-03-02T05:00:00Z".to_owned(), "2026-03-02T06:00:00Z".to_owned()),
            processing_engine: ProcessingEngine::new("1.9.2".to_owned(), "dbt".to_owned(), "1.54.0".to_owned()),
        },
    }
}

fn job() -> Job {
    Job {
        namespace: "dbt".to_owned(),
        name: "analytics.marts.fct_daily_orders.build.run".to_owned(),
        facets: JobFacets {
            job_type: JobType::new("BATCH".to_owned(), "DBT".to_owned(), "MODEL".to_owned()),
            sql: Sql::new(SQL.to_owned(), "snowflake".to_owned()),
        },
    }
}

fn input(name: &str) -> Input {
    Input { namespace: NAMESPACE.to_owned(), name: name.to_owned() }
}

fn output() -> Output {
    let column = |(name, kind): (&str, &str)| Column { name: name.to_owned(), kind: kind.to_owned() };
    Output {
        namespace: NAMESPACE.to_owned(),
        name: OUTPUT.to_owned(),
        facets: OutputFacets {
            schema: Schema::new(COLUMNS.map(column).into()),
            column_lineage: ColumnLineage::new(LINEAGE.map(lineage).into()),
        },
        output_facets: Statistics { output_statistics: OutputStatistics::new(48_211, 6_291_456, 4) },
    }
}

fn lineage((column, place, field): (&str, usize, &str)) -> (String, Sources) {
    let source = Source { namespace: NAMESPACE.to_owned(), name: INPUTS[place].to_owned(), field: field.to_owned() };
    (column.to_owned(), Sources { input_fields: vec![source] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(number: usize) -> [usize; 2] {
        Event::pair(number).map(|event| serde_json::to_vec(&event).unwrap().len())
    }

    #[test]
    fn sizes_are_those_the_goals_were_set_with() {
        let [start, complete] = sizes(0);
        assert!(start.abs_diff(2175) < 20, "START has {start} bytes");
        assert!(complete.abs_diff(3949) < 20, "COMPLETE has {complete} bytes");
    }

    #[test]
    fn runs_differ_in_id_alone() {
        assert_eq!(sizes(0), sizes(99));
        assert_ne!(Event::pair(0)[0].run.run_id, Event::pair(1)[0].run.run_id);
    }

    #[test]
    fn all_runs_start_before_the_first_completes() {
        let told: Vec<_> = Event::waves(2).into_iter().map(|event| (event.event_type, event.run.run_id)).collect();
        let [one, two] = [0, 1].map(|number| Event::pair(number)[0].run.run_id.clone());
        let expected = [("START", one.clone()), ("START", two.clone()), ("COMPLETE", one), ("COMPLETE", two)];
        assert_eq!(told, expected);
    }

    #[test]
    fn both_events_tell_of_the_same_run() {
        let [start, complete] = Event::pair(3);
        assert_eq!((start.event_type, complete.event_type), ("START", "COMPLETE"));
        assert_eq!(start.run.run_id, complete.run.run_id);
        assert!(start.outputs.is_empty());
        assert_eq!(complete.outputs[0].facets.schema.fields.len(), 14);
    }
}
