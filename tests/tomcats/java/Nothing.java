package com.acme.shop;

/** Takes the place of `Library`, and lacks its method. */
public class Nothing {}
