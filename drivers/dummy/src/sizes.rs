//! The sizes that nodes can have.

use cloudfarm_contract::model::{Extra, Size, SizeRef};
use cloudfarm_contract::{Context, Error, ListQuery, Operation, Page, Result, Text};

use crate::driver::DummyDriver;
use crate::ids::Kind;
use crate::view::View;

/// One size.
#[derive(Debug)]
pub(crate) struct SizeSpec {
    pub(crate) id: &'static str,
    pub(crate) vcpus: u32,
    pub(crate) ram_mb: u64,
    pub(crate) disk_gb: u64,
}

const fn size(id: &'static str, vcpus: u32, ram_mb: u64, disk_gb: u64) -> SizeSpec {
    SizeSpec {
        id,
        vcpus,
        ram_mb,
        disk_gb,
    }
}

/// From tiny to large. The state file refers to them by index, so new ones go to the end.
pub(crate) const SIZES: &[SizeSpec] = &[
    size("tiny", 1, 512, 5),
    size("small", 1, 2048, 20),
    size("medium", 2, 4096, 40),
    size("large", 4, 8192, 80),
    size("xlarge", 8, 16_384, 160),
    size("2xlarge", 16, 32_768, 320),
    size("highcpu", 16, 16_384, 80),
    size("highmem", 4, 32_768, 80),
];

impl SizeSpec {
    pub(crate) fn reference(&self) -> SizeRef {
        SizeRef {
            id: Some(Text::from_static(self.id)),
            name: Some(Text::from_static(self.id)),
            vcpus: Some(self.vcpus),
            ram_mb: Some(self.ram_mb),
            disk_gb: Some(self.disk_gb),
        }
    }
}

/// The index of the size with this id.
pub(crate) fn index(id: &str) -> Result<usize> {
    SIZES.iter().position(|size| size.id == id).ok_or_else(|| {
        let known: Vec<_> = SIZES.iter().map(|size| size.id).collect();
        Error::invalid(format!("there is no size {id}"))
            .with_field("size")
            .with_hint(format!("the sizes are {}", known.join(", ")))
    })
}

impl DummyDriver {
    pub(crate) async fn sizes(&self, cx: &Context, query: &ListQuery) -> Result<Page<Size>> {
        self.read(cx, Operation::ListSizes, |view| {
            view.static_page(Kind::Size, &query.page, SIZES, |size| {
                query.matches(size.id).then(|| show(view, size))
            })
        })
        .await
    }
}

fn show(view: &View<'_>, size: &SizeSpec) -> Size {
    Size {
        cloud: view.cloud(),
        id: Text::from_static(size.id),
        name: Text::from_static(size.id),
        vcpus: Some(size.vcpus),
        ram_mb: size.ram_mb,
        disk_gb: size.disk_gb,
        available: true,
        extra: Extra::new(),
    }
}
