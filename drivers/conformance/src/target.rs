use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::model::NetworkAttachment;
use cloudfarm_contract::{Clock, Driver, SystemClock, Text, WaitPolicy};

/// The cloud that is judged, and how to go about it.
#[derive(Clone)]
pub struct Target {
    /// The driver, bare or with its layers.
    pub driver: Arc<dyn Driver>,
    /// What nodes are made from.
    pub image: Pick,
    /// Their size.
    pub size: Pick,
    /// The size that they are resized to; [`Pick::Smallest`] takes the smallest that is larger.
    pub resize_to: Pick,
    /// The networks of the nodes; empty leaves it to the provider.
    pub networks: Vec<NetworkAttachment>,
    /// The id of the network that addresses are allocated from; `None` takes the first external
    /// one, and leaves it to the provider where there is none.
    pub address_network: Option<Text>,
    /// The gigabytes of a volume.
    pub volume_gb: u64,
    /// What the names of everything made begin with; unique to the run.
    pub prefix: Text,
    /// How often to look while waiting.
    pub policy: WaitPolicy,
    /// How long things may take.
    pub timeouts: Timeouts,
    /// How many cases run at the same time.
    pub parallel: usize,
    /// The time as the driver sees it.
    pub clock: Arc<dyn Clock>,
    /// How far the times that the provider tells may be off.
    pub clock_tolerance: Duration,
    /// Moves the clock of a cloud whose time stands still; called at each look while waiting.
    pub advance: Option<Advance>,
    /// Where this deployment is known to differ from the contract.
    pub deviations: Vec<Deviation>,
}

/// Moves a clock forward.
pub type Advance = Arc<dyn Fn(Duration) + Send + Sync>;

/// Which image or size to take.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Pick {
    /// The smallest that fits.
    #[default]
    Smallest,
    /// The one with this id.
    Id(Text),
    /// The smallest whose name matches this glob.
    Name(Text),
}

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// One call.
    pub call: Duration,
    /// Until a list shows what was made.
    pub settle: Duration,
    /// Until a change is done.
    pub change: Duration,
    /// A whole case.
    pub case: Duration,
    /// The removal of what a case made.
    pub cleanup: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(60),
            settle: Duration::from_secs(20),
            change: Duration::from_secs(300),
            case: Duration::from_secs(900),
            cleanup: Duration::from_secs(300),
        }
    }
}

/// A case that a deployment is known to fail. It is run all the same, and fails the suite once it
/// passes, so that the list stays true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// The name of the case.
    pub case: &'static str,
    /// Why this deployment cannot do better.
    pub reason: Text,
}

impl Target {
    /// A target with what is usual: the smallest image and size, four cases at a time.
    pub fn new(driver: Arc<dyn Driver>) -> Self {
        Self {
            driver,
            image: Pick::default(),
            size: Pick::default(),
            resize_to: Pick::default(),
            networks: Vec::new(),
            address_network: None,
            volume_gb: 1,
            prefix: Text::from(format!("cf{:08x}", fastrand::u32(..))),
            policy: WaitPolicy::default(),
            timeouts: Timeouts::default(),
            parallel: 4,
            clock: Arc::new(SystemClock),
            clock_tolerance: Duration::from_secs(60),
            advance: None,
            deviations: Vec::new(),
        }
    }

    /// The same target for a cloud whose changes take milliseconds.
    #[must_use]
    pub fn quick(mut self) -> Self {
        self.policy = WaitPolicy {
            first: Duration::from_millis(2),
            factor: 1.5,
            longest: Duration::from_millis(50),
            ..WaitPolicy::default()
        };
        self.timeouts = Timeouts {
            call: Duration::from_secs(10),
            settle: Duration::from_secs(5),
            change: Duration::from_secs(20),
            case: Duration::from_secs(60),
            cleanup: Duration::from_secs(20),
        };
        self
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("driver", &self.driver.info())
            .field("image", &self.image)
            .field("size", &self.size)
            .field("prefix", &self.prefix)
            .field("parallel", &self.parallel)
            .finish_non_exhaustive()
    }
}
