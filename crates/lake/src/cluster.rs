//! 「集群」 The same plans beyond one machine: a scheduler and executors as processes of
//! this same binary, which read the lake from a folder they share. Nothing is exchanged
//! to judge: a row is a whole household. Absent on purpose: a store of its own; what
//! a cluster answers is held to what one process answers ([`crate::compare`]).

use crate::error::{LakeError, Result};
use crate::lake::Lake;
use ballista::prelude::SessionContextExt;
use ballista_core::registry::BallistaFunctionRegistry;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::start_server;
use datafusion::execution::{SessionStateBuilder, SessionStateDefaults};
use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::{SessionConfig, SessionContext};
use std::net::SocketAddr;
use std::sync::Arc;

/// The scheduler: hands a plan's parts to executors. Runs until it is stopped.
///
/// # Errors
/// An address nobody can listen on.
pub async fn scheduler(lake: &Lake, listen: SocketAddr) -> Result<()> {
    let function = Arc::new(lake.function().udf());
    let builder = move |config: SessionConfig| {
        let state = SessionStateBuilder::new()
            .with_default_features()
            .with_config(config)
            .with_scalar_functions(functions(&function))
            .build();
        Ok(state)
    };
    let config = SchedulerConfig {
        bind_host: listen.ip().to_string(),
        bind_port: listen.port(),
        external_host: listen.ip().to_string(),
        override_session_builder: Some(Arc::new(builder)),
        ..SchedulerConfig::default()
    };
    let cluster = BallistaCluster::new_from_config(&config)
        .await
        .map_err(broken)?;
    start_server(cluster, listen, Arc::new(config))
        .await
        .map_err(broken)
}

/// Everything SQL knows by itself, and the rules.
fn functions(function: &Arc<ScalarUDF>) -> Vec<Arc<ScalarUDF>> {
    let known = SessionStateDefaults::default_scalar_functions();
    known.into_iter().chain([function.clone()]).collect()
}

/// Where an executor is and whom it works for.
#[derive(Clone, Copy, Debug)]
pub struct Executor {
    /// For results of parts (Arrow Flight).
    pub listen: SocketAddr,
    /// For the scheduler's calls.
    pub calls: u16,
    /// The scheduler.
    pub scheduler: SocketAddr,
    /// Parts at a time.
    pub slots: usize,
}

/// An executor: does parts of plans. Runs until it is stopped.
///
/// # Errors
/// No scheduler, or an address nobody can listen on.
pub async fn executor(lake: &Lake, at: Executor, work: &std::path::Path) -> Result<()> {
    let mut registry = BallistaFunctionRegistry::default();
    for one in functions(&Arc::new(lake.function().udf())) {
        let name = one.name().to_owned();
        registry.scalar_functions.insert(name, one);
    }
    let config = ExecutorProcessConfig {
        bind_host: at.listen.ip().to_string(),
        external_host: Some(at.listen.ip().to_string()),
        port: at.listen.port(),
        grpc_port: at.calls,
        scheduler_host: at.scheduler.ip().to_string(),
        scheduler_port: at.scheduler.port(),
        scheduler_connect_timeout_seconds: 30,
        vcores: at.slots,
        work_dir: Some(work.display().to_string()),
        override_function_registry: Some(Arc::new(registry)),
        ..ExecutorProcessConfig::default()
    };
    start_executor_process(Arc::new(config))
        .await
        .map_err(broken)
}

/// A session whose plans are done by the cluster.
///
/// # Errors
/// No scheduler there.
pub async fn remote(lake: &Lake, scheduler: SocketAddr) -> Result<SessionContext> {
    let function = Arc::new(lake.function().udf());
    let state = SessionStateBuilder::new()
        .with_default_features()
        .with_scalar_functions(functions(&function))
        .build();
    let url = format!("df://{scheduler}");
    let session = SessionContext::remote_with_state(&url, state).await?;
    lake.register(&session).await?;
    Ok(session)
}

fn broken(why: ballista_core::error::BallistaError) -> LakeError {
    LakeError::Broken(why.to_string())
}
