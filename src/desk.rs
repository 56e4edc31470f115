//! One transaction for each happening: receive, ring, order, take and settle.
