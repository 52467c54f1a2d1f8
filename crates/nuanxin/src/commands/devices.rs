//! 「设备」 `nuanxin sim devices`: keys pressed and hearts beating in people's homes,
//! through a gateway that signs. A signal is told again, under the same number, until
//! a signed answer says it is on disk: a device forgets nothing by itself.

use crate::ending::{Ending, Failure, Outcome};
use crate::say;
use app::order::{Acknowledged, Heard, Signal};
use app::signing::{KeyRing, SignedHeaders, Signer};
use app::trust::Trust;
use kernel::Clock;
use std::sync::Arc;
use std::time::{Duration, Instant};
use testkit::{demo_ring, demo_signer};

/// Where the house takes signals.
const PATH: &str = "/api/v1/signals";
/// Between two tries.
const AGAIN: Duration = Duration::from_millis(500);
/// How long one try may take.
const WAIT: Duration = Duration::from_secs(5);

/// A gateway and the house it speaks to.
#[derive(Clone)]
pub(crate) struct World {
    to: String,
    signer: Arc<Signer>,
    ring: Arc<KeyRing>,
    clock: Arc<dyn Clock>,
    client: reqwest::Client,
}

/// A signal that was acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) answer: Acknowledged,
    /// From the first try to the signed answer.
    pub(crate) took: Duration,
    /// How often it was told.
    pub(crate) tries: u32,
}

impl World {
    pub(crate) fn new(
        to: String,
        gateway: &str,
        seed: u64,
        clock: Arc<dyn Clock>,
    ) -> Result<World, Failure> {
        let client = Trust::default()
            .http()
            .map_err(Failure::Broken)?
            .timeout(WAIT);
        Ok(World {
            to: to.trim_end_matches('/').to_owned(),
            signer: Arc::new(demo_signer(&format!("device:{gateway}"), seed)),
            ring: Arc::new(demo_ring([super::sim::CALLER], seed)),
            clock,
            client: client
                .build()
                .map_err(|why| Failure::Broken(why.to_string()))?,
        })
    }

    /// Tells a signal until it is acknowledged, or until it has been tried `tries` times.
    pub(crate) async fn tell(&self, signal: &Signal, tries: u32) -> Result<Told, Failure> {
        let body = serde_json::to_vec(signal).map_err(|why| Failure::Broken(why.to_string()))?;
        let begun = Instant::now();
        let mut last = String::new();
        for at in 1..=tries.max(1) {
            match self.once(&body).await {
                Ok(answer) => {
                    return Ok(Told {
                        answer,
                        took: begun.elapsed(),
                        tries: at,
                    });
                }
                Err(Failure::BadInput(why)) => return Err(Failure::BadInput(why)),
                Err(why) => last = why.to_string(),
            }
            tokio::time::sleep(AGAIN).await;
        }
        Err(Failure::Broken(format!(
            "设备 {} 的信号报了 {tries} 次都没有回执：{last}",
            signal.device
        )))
    }

    async fn once(&self, body: &[u8]) -> Result<Acknowledged, Failure> {
        let broken = |why: String| Failure::Broken(why);
        let signed = self
            .signer
            .sign_request("POST", PATH, body, self.clock.now());
        let mut request = self
            .client
            .post(format!("{}{PATH}", self.to))
            .body(body.to_vec());
        for (name, value) in signed.pairs() {
            request = request.header(name, value);
        }
        let answer = request
            .send()
            .await
            .map_err(|why| broken(why.to_string()))?;
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let text = answer
            .bytes()
            .await
            .map_err(|why| broken(why.to_string()))?;
        let told = SignedHeaders::collect(|name| headers.get(name)?.to_str().ok());
        let told = told.map_err(|why| broken(format!("{status}：{why}")))?;
        self.ring
            .verify_reply(
                &told,
                super::sim::CALLER,
                status,
                &text,
                &signed.nonce,
                self.clock.now(),
            )
            .map_err(|why| broken(why.to_string()))?;
        match status {
            200 => serde_json::from_slice(&text).map_err(|why| broken(why.to_string())),
            503 => Err(broken("暂时没有记下".to_owned())),
            409 => Err(broken("刚才有别人在记".to_owned())),
            _ => {
                let says = String::from_utf8_lossy(&text).into_owned();
                Err(Failure::BadInput(format!(
                    "不收这个信号（{status}）：{says}"
                )))
            }
        }
    }
}

/// Presses what was asked for on every device, at once.
pub(crate) async fn run(
    world: World,
    devices: &[String],
    press: &str,
    times: u32,
    every_ms: u64,
) -> Outcome {
    let says = match press {
        "green" => Heard::Green,
        "heartbeat" => Heard::Heartbeat,
        _ => Heard::Red,
    };
    // A device counts for itself; here every run begins somewhere else, so that no number
    // is used for two signals.
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).map_err(|why| Failure::Broken(why.to_string()))?;
    let first = u64::from_be_bytes(bytes) >> 16;
    let mut all = tokio::task::JoinSet::new();
    for device in devices {
        let (world, device) = (world.clone(), device.clone());
        all.spawn(async move {
            let mut told = Vec::new();
            for time in 0..u64::from(times) {
                let signal = Signal {
                    device: device.clone(),
                    seq: first + time,
                    says,
                };
                told.push(world.tell(&signal, 120).await?);
                tokio::time::sleep(Duration::from_millis(every_ms)).await;
            }
            Ok::<_, Failure>(told)
        });
    }
    while let Some(done) = all.join_next().await {
        let done = done.map_err(|why| Failure::Broken(why.to_string()))??;
        for one in done {
            let order = one.answer.order.map(|id| format!("，工单 {id}"));
            say!(
                "{} 收到回执{}，{} 毫秒，报了 {} 次",
                one.answer.device,
                order.unwrap_or_default(),
                one.took.as_millis(),
                one.tries
            );
        }
    }
    Ok(Ending::Yes)
}
