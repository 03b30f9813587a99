package com.acme.shop;

/** WARs do not contain this class. */
public class Rates {}
