//! Quotas of an account in a Region.

/// How many of a kind there may be. The defaults are those of a new account (VPC User Guide,
/// "Amazon VPC quotas"; EC2 User Guide, "Elastic IP addresses").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Network interfaces of the Region.
    pub network_interfaces: usize,
    /// Elastic IPs of the Region.
    pub elastic_ips: usize,
    /// Security groups of one interface; it may be raised to 16.
    pub groups_per_interface: usize,
    /// VPCs of the Region.
    pub vpcs: usize,
    /// Subnets of one VPC.
    pub subnets_per_vpc: usize,
    /// Route tables of one VPC.
    pub route_tables_per_vpc: usize,
    /// Routes of one table and address family, without the local one.
    pub routes_per_table: usize,
    /// Rules of one security group, in each direction.
    pub rules_per_group: usize,
    /// Security groups of the Region.
    pub groups: usize,
    /// Internet gateways of the Region.
    pub internet_gateways: usize,
    /// NAT gateways of one Availability Zone.
    pub nat_gateways_per_zone: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            network_interfaces: 5_000,
            elastic_ips: 5,
            groups_per_interface: 5,
            vpcs: 5,
            subnets_per_vpc: 200,
            route_tables_per_vpc: 200,
            routes_per_table: 50,
            rules_per_group: 60,
            groups: 2_500,
            internet_gateways: 5,
            nat_gateways_per_zone: 5,
        }
    }
}
